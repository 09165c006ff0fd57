"""Money: what every site and sitting charged, gave back and passed on; it adds up to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jinbang.accounts.permissions import scoped_get
from jinbang.accreditation.domain.zone import ZONE
from jinbang.accreditation.models import Site
from jinbang.accreditation.permissions import visible_sites
from jinbang.accreditation.queries.authorities import awarding_organisation
from jinbang.core.errors import Refusal
from jinbang.core.ledger import StatementLine, yuan
from jinbang.documents.domain.issue import issue
from jinbang.exams.domain import fees
from jinbang.exams.models import Sitting
from jinbang.exams.permissions import visible_bookings, visible_sittings
from jinbang.pdf import data as pages
from jinbang.web.shell.access import requires
from jinbang.web.shell.requests import OfficeRequest


@dataclass(frozen=True)
class Shown:
    """A line of the statement with the things it speaks of."""

    sitting: Sitting
    site: Site
    line: StatementLine

    @property
    def due(self) -> int:
        """Still to be passed on to the site, in fen."""
        return self.line.site_share - self.line.paid_out


def _shown(lines: Sequence[StatementLine]) -> list[Shown]:
    sittings = Sitting.objects.in_bulk([int(line.sitting) for line in lines if line.sitting])
    sites = Site.objects.in_bulk([int(line.site) for line in lines if line.site])
    return [
        Shown(sittings[int(line.sitting)], sites[int(line.site)], line) for line in lines if line.sitting and line.site
    ]


def _total(lines: Sequence[StatementLine]) -> StatementLine:
    names = ("registrations", "refunds", "charged", "site_share", "awarding_share", "paid_out")
    return StatementLine("", "", *(sum(getattr(line, name) for line in lines) for name in names))


@requires("ledger.view")
def statement_list(request: OfficeRequest) -> HttpResponse:
    """A line per sitting and site within reach, and the total."""
    lines = fees.statements(visible_bookings(request.access))
    context = {
        "title": _("费用结算"),
        "shown": _shown(lines),
        "total": _total(lines),
        "may_pay": request.access.can("ledger.book"),
        "may_print": request.access.can("document.print"),
    }
    return render(request, "centre/statements.html", context)


def _place(request: OfficeRequest, sitting: int, site: int) -> tuple[Sitting, Site]:
    return scoped_get(visible_sittings(request.access), sitting), scoped_get(visible_sites(request.access), site)


@requires("ledger.book")
@require_POST
def pay_out(request: OfficeRequest, sitting: int, site: int) -> HttpResponse:
    """Pay a site its share."""
    exam, where = _place(request, sitting, site)
    request.access.require("ledger.book", where.organisation)
    try:
        fees.pay_out(sitting=exam, site=where, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("返款已入账"))
    return HttpResponseRedirect(reverse("statement_list"))


@requires("document.print")
@require_POST
def statement_pdf(request: OfficeRequest, sitting: int, site: int) -> HttpResponse:
    """Print the statement of a site in a sitting."""
    exam, where = _place(request, sitting, site)
    request.access.require("document.print", where.organisation)
    rows = visible_bookings(request.access).filter(Q(sitting=exam, site=where))
    document = issue(
        kind="fee_statement", data=_statement(exam, where, fees.statements(rows), request), obj=where,
        actor=request.actor, now=request.now, organisation=where.organisation,
    )  # fmt: skip
    return HttpResponseRedirect(reverse("issued_document", args=[document.pk]))


def _statement(
    exam: Sitting, where: Site, lines: Sequence[StatementLine], request: OfficeRequest
) -> pages.FeeStatement:
    awarding = awarding_organisation()
    return pages.FeeStatement(
        title=str(_("考核费用结算单")),
        number=f"{exam.code}-{where.code}",
        period=exam.date.isoformat(),
        payer=where.organisation.name,
        lines=tuple(_line(exam.name, where.name, line) for line in lines),
        total=_line(str(_("合计")), "", _total(lines)),
        notes=(str(_("培训评价组织承担题库建设、阅卷、证书和考试系统费用；考核站点承担考场和监考费用。")),),
        issuer=awarding.name if awarding else "",
        day=request.now.astimezone(ZONE).date().isoformat(),
    )


def _line(sitting: str, party: str, line: StatementLine) -> pages.FeeLine:
    return pages.FeeLine(
        sitting,
        party,
        line.registrations,
        line.refunds,
        yuan(line.charged),
        yuan(line.site_share),
        yuan(line.awarding_share),
    )
