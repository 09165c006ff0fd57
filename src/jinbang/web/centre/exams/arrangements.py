"""Seats: drawn, looked at, drawn again, frozen; and who watches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jinbang.accounts.models import Organisation, Person, RoleGrant
from jinbang.accounts.permissions import grants_in_force, scoped_get
from jinbang.accreditation.domain.wording import said
from jinbang.accreditation.models import Room, Seat, Site
from jinbang.accreditation.permissions import visible_sites
from jinbang.core.errors import Refusal
from jinbang.core.problems import Problem
from jinbang.documents.models import IssuedDocument
from jinbang.exams.domain import arrangements as verbs
from jinbang.exams.domain import invigilation, papers
from jinbang.exams.domain.windows import arrangement_window
from jinbang.exams.models import Arrangement, Registration, SeatAssignment, Sitting
from jinbang.exams.permissions import visible_arrangements, visible_invigilation, visible_sittings
from jinbang.web.centre.exams.forms import InvigilatorForm
from jinbang.web.centre.exams.papers import KIND_LABELS
from jinbang.web.centre.exams.specials import in_words
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, timeline
from jinbang.web.shell.forms import ConfirmForm, ReasonForm, form_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.words import window_text

_DUTIES = ("invigilator", "chief_invigilator", "inspector", "site_manager", "teacher", "school_manager")


@dataclass(frozen=True)
class Line:
    """A site in a sitting: how many are registered, confirmed and seated there, and its draw."""

    site: Site
    counts: dict[str, int]
    arrangement: Arrangement | None


@requires("arrangement.view")
def arrangement_list(request: OfficeRequest) -> HttpResponse:
    """Every site within reach that has registrations in the chosen sitting."""
    sittings = list(visible_sittings(request.access).exclude(plan__state="draft").order_by("date"))
    wanted = request.GET.get("sitting", "")
    chosen = next((sitting for sitting in sittings if str(sitting.pk) == wanted), _nearest(sittings, request))
    context = {
        "title": _("考场编排"),
        "sittings": sittings,
        "chosen": chosen,
        "window": window_text(arrangement_window(chosen), request.now) if chosen else None,
        "lines": _lines(request, chosen) if chosen else [],
    }
    return render(request, "centre/arrangements.html", context)


def _nearest(sittings: list[Sitting], request: OfficeRequest) -> Sitting | None:
    """The next sitting to come; the last one when all are over."""
    today = request.now.date()
    ahead = [sitting for sitting in sittings if sitting.date >= today]
    return ahead[0] if ahead else (sittings[-1] if sittings else None)


def _lines(request: OfficeRequest, sitting: Sitting) -> list[Line]:
    scope = request.access.scope("arrangement.view").q("organisation")
    here = Q(registrations__sitting=sitting)
    states = ("registered", "confirmed", "seated")
    counts = {state: Count("registrations", filter=here & Q(registrations__state=state)) for state in states}
    sites = Site.objects.filter(scope).annotate(**counts).select_related("organisation").order_by("code")
    drawn = visible_arrangements(request.access).filter(sitting=sitting, discarded_at__isnull=True)
    by_site = {row.site_id: row for row in drawn}
    return [
        Line(site, {state: getattr(site, state) for state in states}, by_site.get(site.pk))
        for site in sites
        if any(getattr(site, state) for state in states)
    ]


def _place(request: OfficeRequest, sitting: int, site: int) -> tuple[Sitting, Site]:
    """The sitting and the site, if the person may see the arrangement there."""
    where = scoped_get(visible_sites(request.access), site)
    if not request.access.can("arrangement.view", where.organisation):
        raise Http404
    return scoped_get(visible_sittings(request.access), sitting), where


@requires("arrangement.view")
def arrangement(request: OfficeRequest, sitting: int, site: int) -> HttpResponse:
    """A site's draw for a sitting: figures, seat maps, papers, invigilators."""
    exam, where = _place(request, sitting, site)
    drawn = visible_arrangements(request.access).filter(sitting=exam, site=where, discarded_at__isnull=True).first()
    may = {
        "draw": request.access.can("arrangement.draw", where.organisation),
        "freeze": request.access.can("sitting.freeze_arrangement", where.organisation),
        "reopen": request.access.can("sitting.reopen_arrangement", where.organisation),
        "print": request.access.can("document.print", where.organisation),
    }
    rows = Registration.objects.filter(sitting=exam, site=where).values_list("state", flat=True)
    states = list(rows)
    context = {
        "title": _("考场编排 · {site}").format(site=where.name),
        "subtitle": exam.name,
        "sitting": exam,
        "site": where,
        "drawn": drawn,
        "may": may,
        "open": arrangement_window(exam).is_open(request.now),
        "window": window_text(arrangement_window(exam), request.now),
        "facts": _facts(drawn, states),
        "notes": _notes(drawn) if drawn else [],
        "rooms": _rooms(drawn) if drawn else [],
        "granted": _granted(drawn) if drawn else [],
        "kinds": [(kind, KIND_LABELS[kind]) for kind in papers.KINDS],
        "documents": _documents(drawn) if drawn and drawn.frozen_at else [],
        "duties": visible_invigilation(request.access)
        .filter(sitting=exam, site=where)
        .order_by("room__number", "duty"),
        "gaps": [said(gap) for gap in invigilation.invigilation_gaps(exam, where)] if drawn else [],
        "happenings": timeline(drawn) if drawn else [],
    }
    return render(request, "centre/arrangement.html", context)


def _facts(drawn: Arrangement | None, states: list[str]) -> list[Fact]:
    facts = [
        Fact(_("待缴费确认"), states.count("registered"), "number"),
        Fact(_("待编排"), states.count("confirmed"), "number"),
        Fact(_("已编排"), states.count("seated"), "number"),
    ]
    if drawn:
        facts += [
            Fact(_("随机种子"), drawn.seed, "mono", hint=_("同一种子、同一名单必得同一结果")),
            Fact(_("输入摘要"), drawn.input_sha256[:16], "mono"),
            Fact(_("编排完成时间"), drawn.drawn_at, "datetime"),
            Fact(_("冻结时间"), drawn.frozen_at, "datetime"),
        ]
    return facts


def _notes(drawn: Arrangement) -> list[str]:
    return [said(Problem.of(note["code"], note["message"], **note["params"])) for note in drawn.report.get("notes", [])]


def _rooms(drawn: Arrangement) -> list[tuple[Room, list[list[tuple[Seat, SeatAssignment | None]]], int]]:
    """Every room in use with its desks row by row and who sits there; three queries."""
    rows = drawn.assignments.select_related("registration__candidate", "registration__level")
    taken = {row.seat_id: row for row in rows}
    seats = Seat.objects.filter(room__seats__in=taken).distinct().select_related("room")
    ordered = sorted(seats, key=lambda seat: (seat.room.number, seat.row, seat.column))
    found = []
    for room, group in groupby(ordered, key=lambda seat: seat.room):
        desks = [(seat, taken.get(seat.pk)) for seat in group]
        lines = [list(line) for _row, line in groupby(desks, key=lambda desk: desk[0].row)]
        found.append((room, lines, sum(desk is not None for _seat, desk in desks)))
    return found


def _granted(drawn: Arrangement) -> list[tuple[SeatAssignment, list[str]]]:
    """Who was drawn with a special arrangement, where they sit, what was granted (not why)."""
    granted = drawn.report.get("granted", {})
    rows = drawn.assignments.filter(registration__in=list(granted)).select_related(
        "registration__candidate", "seat__room"
    )
    ordered = rows.order_by("seat__room__number", "seat__number")
    return [(row, in_words(**granted[str(row.registration_id)])) for row in ordered]


def _documents(drawn: Arrangement) -> Any:
    keys = [str(pk) for pk in drawn.site.rooms.values_list("pk", flat=True)]
    mine = Q(object_type="exams.arrangement", object_key=str(drawn.pk))
    lists = Q(object_type="accreditation.room", object_key__in=keys, issued_at__gte=drawn.frozen_at)
    return IssuedDocument.objects.filter(mine | lists).defer("input").order_by("kind", "pk")


def _back(sitting: int, site: int) -> str:
    return reverse("arrangement", args=[sitting, site])


@requires("arrangement.draw")
@require_POST
def draw(request: OfficeRequest, sitting: int, site: int) -> HttpResponse:
    """Draw the seats, or draw them again."""
    exam, where = _place(request, sitting, site)
    request.access.require("arrangement.draw", where.organisation)
    try:
        made = verbs.draw(sitting=exam, site=where, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        placed = made.report["metrics"]["placed"]
        messages.success(request, _("已为 {count} 名考生编排座位，请核对后冻结").format(count=placed))
    return HttpResponseRedirect(_back(sitting, site))


def _current(request: OfficeRequest, sitting: int, site: int) -> Arrangement:
    exam, where = _place(request, sitting, site)
    rows = visible_arrangements(request.access).filter(sitting=exam, site=where, discarded_at__isnull=True)
    found = rows.first()
    if found is None:
        raise Http404
    return found


@requires("sitting.freeze_arrangement")
def freeze(request: OfficeRequest, sitting: int, site: int) -> HttpResponse:
    """Accept the draw: ticket numbers are given, nothing changes any more."""
    drawn = _current(request, sitting, site)
    request.access.require("sitting.freeze_arrangement", drawn.site.organisation)
    return form_page(
        request,
        ConfirmForm,
        lambda _data: verbs.freeze(arrangement=drawn, actor=request.actor, now=request.now),
        title=_("冻结编排"),
        intro=_("冻结后生成准考证号并归档，不能再改动；确需重排须由考务管理员撤销。"),
        submit=_("冻结"),
        success=_("编排已冻结，准考证号已生成"),
        done=lambda _made: _back(sitting, site),
        cancel=_back(sitting, site),
    )


@requires("sitting.reopen_arrangement")
def reopen(request: OfficeRequest, sitting: int, site: int) -> HttpResponse:
    """Undo a frozen arrangement; it stays in the archive."""
    drawn = _current(request, sitting, site)
    request.access.require("sitting.reopen_arrangement", drawn.site.organisation)

    def undo(data: dict[str, Any]) -> bool:
        verbs.reopen(arrangement=drawn, reason=data["reason"], actor=request.actor, now=request.now)
        return True

    return form_page(
        request,
        ReasonForm,
        undo,
        title=_("撤销编排"),
        intro=_("准考证号将作废，考生回到待编排；原编排留档。"),
        submit=_("撤销"),
        success=_("编排已撤销"),
        done=lambda _done: _back(sitting, site),
        cancel=_back(sitting, site),
    )


def _staff(request: OfficeRequest, organisation: Organisation) -> Any:
    """People who hold a duty at the site's school, and inspectors from above."""
    grants = RoleGrant.objects.filter(grants_in_force(request.now), role__in=_DUTIES)
    near = grants.filter(Q(organisation=organisation) | Q(role="inspector"))
    return Person.objects.filter(pk__in=near.values("person")).order_by("name")


@requires("arrangement.draw")
def invigilator_new(request: OfficeRequest, sitting: int, site: int) -> HttpResponse:
    """Give somebody a duty."""
    exam, where = _place(request, sitting, site)
    request.access.require("arrangement.draw", where.organisation)
    return form_page(
        request,
        InvigilatorForm,
        lambda data: invigilation.assign_invigilator(
            sitting=exam, site=where, actor=request.actor, now=request.now, **data
        ),
        title=_("安排监考"),
        intro=_("每个考场不少于规定人数；巡考可看多个考场。"),
        done=lambda _made: _back(sitting, site),
        cancel=_back(sitting, site),
        people=_staff(request, where.organisation),
        rooms=where.rooms.all(),
    )


@requires("arrangement.draw")
@require_POST
def invigilator_remove(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take a duty back."""
    duty = scoped_get(visible_invigilation(request.access), pk)
    request.access.require("arrangement.draw", duty.site.organisation)
    try:
        invigilation.relieve_invigilator(assignment=duty, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(_back(duty.sitting_id, duty.site_id))
