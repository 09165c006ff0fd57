"""The console of a room, the overview of rooms, time for everyone, and taking in rescue files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from jinbang.accounts.permissions import scoped_get
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.rescue import take_in_rescue
from jinbang.delivery.domain.room.extra_time import GIVEN_FOR
from jinbang.delivery.domain.room.incidents import ALL_CODES, CODES, NEEDS_NOTE, NEEDS_SEAT
from jinbang.delivery.domain.room.times import clocks_of_rooms
from jinbang.delivery.models import Attempt, RoomSession, TimeEntry
from jinbang.delivery.permissions import may, roles_in, rooms_in_sight
from jinbang.delivery.queries.board import RoomLine, overview
from jinbang.delivery.queries.ledger import given_to_all
from jinbang.exams.models import SittingSubject
from jinbang.web.room.actions import ACTIONS, Asked
from jinbang.web.room.board_json import board_json
from jinbang.web.room.on_the_spot import acting
from jinbang.web.shell.access import requires
from jinbang.web.shell.requests import OfficeRequest

RELATED = ("room__site__organisation", "sitting_subject__sitting")


def _session(request: OfficeRequest, pk: int) -> RoomSession:
    return scoped_get(rooms_in_sight(request.access).select_related(*RELATED), pk)


def _by_site(lines: list[RoomLine]) -> list[dict[str, Any]]:
    """Sites with their rooms, the site with the worst room first."""
    order: dict[Any, list[RoomLine]] = {}
    for line in lines:
        order.setdefault(line.session.room.site, []).append(line)
    return [
        {"site": site, "lines": rows, "trouble": max(row.trouble for row in rows),
         "candidates": sum(row.counts["candidates"] for row in rows), "lost": sum(row.lost for row in rows)}
        for site, rows in order.items()
    ]  # fmt: skip


@login_required
def room_list(request: OfficeRequest) -> HttpResponse:
    """Rooms that the person may see, of the subjects nearest to now, worst first; refreshed by itself."""
    mine = rooms_in_sight(request.access)
    subjects = SittingSubject.objects.filter(room_sessions__in=mine).select_related("sitting").distinct()
    every = sorted(subjects, key=lambda subject: abs((subject.starts_at - request.now).total_seconds()))
    wanted = request.GET.get("subject", "")
    chosen = next((subject for subject in every if str(subject.pk) == wanted), every[0] if every else None)
    rooms = list(mine.filter(sitting_subject=chosen).select_related(*RELATED))
    lines = overview(rooms, clocks_of_rooms(rooms), request.now)
    page = {
        "given": given_to_all(None if chosen is None else chosen.pk),
        "subjects": sorted(every, key=lambda subject: subject.starts_at), "chosen": chosen, "sites": _by_site(lines),
        "lines": lines, "may_extend": request.access.can("extra_time.everyone"),
    }  # fmt: skip
    return render(request, "room/_list.html" if request.htmx else "room/list.html", page)


@login_required
def room(request: OfficeRequest, pk: int) -> HttpResponse:
    """The console of one room."""
    session = _session(request, pk)
    roles = roles_in(request.access, session)
    config = {
        "pk": session.pk,
        "live": reverse("room_live", args=[pk]),
        "board": reverse("room_board", args=[pk]),
        "act": reverse("room_act", args=[pk, "NAME"]),
        "seat": reverse("room_seat", args=[pk, 0]),
        "minutes": reverse("room_minutes", args=[pk]),
        "me": request.actor.key,
        "may": [name for name, (ability, _verb) in ACTIONS.items() if may(ability, roles)],
        "rows": session.room.rows,
        "columns": session.room.columns,
        "codes": [
            {"key": key, "label": str(label), "seat": key in NEEDS_SEAT, "note": key in NEEDS_NOTE}
            for key, label in CODES.items()
        ],
        "cause_names": {key: str(label) for key, label in TimeEntry.Cause.choices},
        "causes": [{"key": key, "label": str(_(label))} for key, label in TimeEntry.Cause.choices if key in GIVEN_FOR],
    }
    page = {"session": session, "config": config, "board": board_json(pk, request.now)}
    return render(request, "room/console.html", page)


@login_required
def seat(request: OfficeRequest, pk: int, attempt: int) -> HttpResponse:
    """What happened at a seat, newest first, for the seat's dialog."""
    found = get_object_or_404(
        Attempt.objects.select_related("registration__candidate", "registration__level", "registration__school"),
        pk=attempt, room_session=_session(request, pk),
    )  # fmt: skip
    candidate = found.registration.candidate
    events = found.events.order_by("-at", "-pk")[:30]
    return JsonResponse({
        "id_mask": candidate.id_mask, "school": str(found.registration.school), "level": found.registration.level.name,
        "class_name": candidate.class_name, "special_needs": candidate.special_needs,
        "events": [
            {"at": round(e.at.timestamp() * 1000), "kind": e.kind, "actor": e.actor, "data": e.data} for e in events
        ],
        "incidents": [
            {"at": round(i.at.timestamp() * 1000), "code": str(ALL_CODES[i.code]), "note": i.note}
            for i in found.room_session.incidents.filter(attempt=found).order_by("-at")
        ],
    })  # fmt: skip


@sensitive_post_parameters("by_password", "by_code")
@login_required
@require_POST
def act(request: OfficeRequest, pk: int, name: str) -> HttpResponse:
    """Do what a button says, as whoever is signed in or signs on the spot.

    JSON: ``message``, or with status 409 ``error``, ``field`` and ``code`` of the refusal.
    """
    session = _session(request, pk)
    if name not in ACTIONS:
        raise Http404
    ability, verb = ACTIONS[name]
    wanted = request.POST.get("attempt", "")
    attempt = get_object_or_404(session.attempts, pk=wanted) if wanted else None
    fields = {key: value for key, value in request.POST.dict().items() if not key.startswith("by_")}
    try:
        who = acting(request, request.POST.dict(), f"room.{name}")
        if not may(ability, roles_in(who.access, session)):
            return _forbidden(on_the_spot=who.access is not request.access)
        message = verb(Asked(who.actor, request.now, session, attempt, fields))
    except Refusal as refusal:
        error = {"code": refusal.code, "error": str(refusal), "field": refusal.params.get("field", "")}
        return JsonResponse(error, status=409)
    return JsonResponse({"message": message})


def _forbidden(*, on_the_spot: bool) -> JsonResponse:
    if on_the_spot:
        error = _("签名的人在本考场没有这项权限，须由主考、巡考或考务人员签名")
        return JsonResponse({"code": "forbidden", "error": error, "field": "by_username"}, status=409)
    error = _("您没有权限进行这项操作，请由主考或考务人员在此签名")
    return JsonResponse({"code": "forbidden", "error": error}, status=403)


class RescueForm(forms.Form):
    """A rescue file from a stick."""

    file = forms.FileField(
        label=gettext_lazy("救援文件"), help_text=gettext_lazy("考生机导出的 .jbrescue 文件；重复接收不会改变任何内容")
    )


@requires("attempt.take_in_rescue")
def rescue(request: OfficeRequest) -> HttpResponse:
    """Take in a rescue file and show what it brought."""
    form = RescueForm(request.POST or None, request.FILES or None)
    taken = None
    if request.method == "POST" and form.is_valid():
        try:
            taken = take_in_rescue(file=form.cleaned_data["file"].read(), actor=request.actor, now=request.now)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    return render(request, "room/rescue.html", {"form": form, "taken": taken})
