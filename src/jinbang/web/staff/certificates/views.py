"""Pages of certificates: approve, issue, print, suspend, revoke, replace."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jinbang.accounts.permissions import scoped_get
from jinbang.certificates.domain import issuance
from jinbang.certificates.domain.credential import verify_url
from jinbang.certificates.domain.papers import print_certificate
from jinbang.certificates.models import Certificate, Issuer
from jinbang.core.errors import Refusal
from jinbang.documents.domain.issue import print_again
from jinbang.exams.models import Sitting
from jinbang.grading.models import Result
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, event_actions, timeline
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction, model_choices, state_choices
from jinbang.web.shell.moves import event_page
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import send_file

CERTIFICATES = ListSpec(
    key="certificates",
    title=gettext_lazy("证书"),
    queryset=lambda request: Certificate.objects.filter(
        request.access.scope("certificate.view").q("registration__school")
    ).select_related("issuer__organisation", "registration__candidate", "registration__school", "registration__level"),
    columns=[
        Column("number", gettext_lazy("证书编号"), sort="number", kind="mono"),
        Column(
            "holder", gettext_lazy("姓名"), "registration.candidate.name", sort="registration__candidate__name_sort"
        ),
        Column("issuer", gettext_lazy("发证机构"), "issuer.organisation.name", sort="issuer__position"),
        Column("level", gettext_lazy("级别"), "registration.level.name", sort="registration__level__rank"),
        Column("school", gettext_lazy("院校"), "registration.school.name", sort="registration__school__name"),
        Column("issued", gettext_lazy("签发时间"), "issued_at", kind="datetime", sort="issued_at"),
        Column("state", gettext_lazy("状态"), kind="state", machine="certificate", sort="state"),
    ],
    search=["number", "registration__candidate__name", "registration__ticket_number__startswith"],
    filters=[
        Filter("state", gettext_lazy("状态"), state_choices("certificate")),
        Filter("issuer", gettext_lazy("发证机构"), model_choices(lambda request: Issuer.objects.all())),
        Filter(
            "sitting",
            gettext_lazy("考试"),
            model_choices(lambda request: Sitting.objects.order_by("-date")),
            "registration__sitting",
        ),
        Filter(
            "pass",
            gettext_lazy("成绩"),
            [("0", gettext_lazy("已不合格、须处理"))],
            lambda rows, value: rows.filter(pk__in=issuance.unfounded().values("pk")),
        ),
    ],
    default_order=["issuer", "number"],
    row_url=lambda certificate: reverse("certificate", args=[certificate.pk]),
    empty=Empty(gettext_lazy("还没有证书"), gettext_lazy("成绩发布后，由证书管理员核准发证。")),
    actions=lambda request: (
        [PageAction(gettext_lazy("核准发证"), reverse("certificate_sittings"), "medal", primary=True)]
        if request.access.can("certificate.approve")
        else []
    ),
)


@requires("certificate.view")
def certificate_list(request: OfficeRequest) -> HttpResponseBase:
    """Certificates of the schools that the person covers."""
    return render_list(request, CERTIFICATES)


@requires("certificate.view")
def certificate(request: OfficeRequest, pk: int) -> HttpResponse:
    """One certificate: what it states, what became of it."""
    obj: Certificate = scoped_get(CERTIFICATES.queryset(request), pk)
    page_actions = [PageAction(_("公开验证页"), verify_url(obj), "link")]
    if obj.state in ("issued", "suspended"):
        page_actions.insert(0, PageAction(_("打印"), reverse("certificate_pdf", args=[pk]), "print"))
        page_actions.append(PageAction(_("电子凭证"), reverse("certificate_credential", args=[pk]), "download"))
    certified = obj.certified
    return render(
        request,
        "shell/detail.html",
        {
            "title": obj.number,
            "subtitle": f"{certified['certificate_name']} · {certified['issuer']}",
            "state": obj.state,
            "machine": "certificate",
            "page_actions": page_actions,
            "actions": event_actions(
                request,
                obj,
                organisation=obj.registration.school,
                url=lambda event: reverse("certificate_event", args=[pk, event]),
            ),
            "facts": [
                Fact(_("持证人"), certified["holder"]),
                Fact(_("证件号码"), certified["id_mask"], "mono"),
                Fact(_("级别"), certified["level"]),
                Fact(_("考试"), certified["sitting"]),
                Fact(_("考试日期"), certified["exam_date"]),
                Fact(_("综合成绩"), certified["composite"], link=reverse("result", args=[obj.result_id])),
                Fact(_("发证日期"), certified["issued_on"]),
                Fact(
                    _("替换的证书"),
                    obj.replaces,
                    link=reverse("certificate", args=[obj.replaces_id]) if obj.replaces_id else "",
                ),
            ],
            "happenings": timeline(obj),
        },
    )


@requires("certificate.view")
def certificate_pdf(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """The certificate on paper."""
    obj: Certificate = scoped_get(CERTIFICATES.queryset(request), pk)
    try:
        document = print_certificate(certificate=obj, actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("certificate", args=[pk]))
    pdf = io.BytesIO(print_again(document))
    return send_file(request, pdf, name=f"{obj.number}.pdf", content_type="application/pdf", inline=True)


@requires("certificate.view")
def certificate_credential(request: OfficeRequest, pk: int) -> HttpResponse:
    """The signed credential, for machines."""
    obj: Certificate = scoped_get(CERTIFICATES.queryset(request), pk)
    if obj.credential is None:
        raise Http404
    response = HttpResponse(obj.credential["jws"], content_type="application/vc+jwt")
    response["Content-Disposition"] = f'attachment; filename="{obj.number}.jwt"'
    return response


def certificate_event(request: OfficeRequest, pk: int, event: str) -> HttpResponse:
    """Issue, suspend, reinstate, revoke or replace."""
    obj: Certificate = scoped_get(CERTIFICATES.queryset(request), pk)
    verbs: dict[str, Any] = {
        "issue": issuance.issue_certificate,
        "suspend": issuance.suspend,
        "reinstate": issuance.reinstate,
        "revoke": issuance.revoke,
        "replace": issuance.replace,
    }
    if event not in verbs:
        raise Http404
    return event_page(
        request,
        obj,
        event,
        lambda **data: verbs[event](certificate=obj, actor=request.actor, now=request.now, **data),
        organisation=obj.registration.school,
        done=reverse("certificate", args=[pk]),
    )


@requires("certificate.approve")
def certificate_sittings(request: OfficeRequest) -> HttpResponse:
    """Sittings whose passes can be certified."""
    rows = [
        {
            "sitting": sitting,
            "passes": Result.objects.filter(
                registration__sitting=sitting, state="released", outcome=Result.Outcome.PASSED
            ).count(),
            "approved": Certificate.objects.filter(registration__sitting=sitting, state="approved").count(),
            "issued": Certificate.objects.filter(registration__sitting=sitting, state="issued").count(),
            "issuers": Issuer.objects.filter(certificate_type=sitting.plan.certificate_type).count(),
        }
        for sitting in Sitting.objects.filter(state="released").order_by("-date").select_related("plan")
    ]
    return render(request, "staff/certificates/sittings.html", {"rows": rows, "title": _("核准发证")})


@requires("certificate.approve")
def certificate_step(request: OfficeRequest, pk: int, step: str) -> HttpResponse:
    """Approve or issue every certificate of a sitting; running it again makes none twice."""
    sitting = get_object_or_404(Sitting.objects.select_related("plan"), pk=pk)
    if request.method != "POST" or step not in ("approve", "issue"):
        raise Http404
    try:
        if step == "approve":
            outcome = issuance.approve_certificates(sitting=sitting, actor=request.actor, now=request.now)
            text = _("核准 {created} 张，已有 {existing} 张").format(created=outcome.created, existing=outcome.existing)
        else:
            count = issuance.issue_all(sitting=sitting, actor=request.actor, now=request.now)
            text = _("签发 {count} 张").format(count=count)
        messages.success(request, text)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("certificate_sittings"))
