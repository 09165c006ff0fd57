"""Printing: issue a kind of paper for a site, fetch what was issued, byte for byte."""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jinbang.accounts.domain.operations import begin_operation
from jinbang.accounts.permissions import scoped_get
from jinbang.core.errors import Refusal
from jinbang.documents.domain.issue import print_again
from jinbang.documents.permissions import visible_documents
from jinbang.exams.domain import papers
from jinbang.exams.permissions import visible_arrangements
from jinbang.exams.tasks import print_papers
from jinbang.web.shell.access import requires
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import send_file

KIND_LABELS = {
    "ticket": _("准考证"),
    "door_sign": _("门贴"),
    "sign_in_sheet": _("签到表"),
    "seat_map": _("座次表"),
    "desk_label": _("桌贴"),
    "banner": _("横幅"),
    "fee_statement": _("费用结算单"),
}


@requires("document.print")
@require_POST
def issue_kind(request: OfficeRequest, pk: int, kind: str) -> HttpResponse:
    """Issue a kind for a site's arrangement. Tickets are many: they are printed in the background."""
    arrangement = scoped_get(visible_arrangements(request.access), pk)
    request.access.require("document.print", arrangement.site.organisation)
    if kind not in papers.KINDS:
        raise Http404
    back = reverse("arrangement", args=[arrangement.sitting_id, arrangement.site_id])
    if kind == "ticket":
        total = arrangement.assignments.count()
        title = _("打印准考证：{site}").format(site=arrangement.site.name)
        operation = begin_operation(person=request.user, title=title, now=request.now, total=total)
        print_papers.enqueue(arrangement.pk, kind, asdict(request.actor), str(operation.key), back)
        return HttpResponseRedirect(reverse("operation", args=[operation.key]))
    try:
        made = papers.issue_papers(arrangement=arrangement, kind=kind, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(back)
    if len(made) == 1:
        return HttpResponseRedirect(reverse("issued_document", args=[made[0].pk]))
    messages.success(request, _("已生成 {count} 份{kind}").format(count=len(made), kind=KIND_LABELS[kind]))
    return HttpResponseRedirect(back)


@requires("document.print")
def issued_document(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """The PDF as it was issued."""
    document = scoped_get(visible_documents(request.access), pk)
    name = f"{KIND_LABELS.get(document.kind, document.kind)}-{document.pk}.pdf"
    return send_file(request, BytesIO(print_again(document)), name=name, content_type="application/pdf", inline=True)
