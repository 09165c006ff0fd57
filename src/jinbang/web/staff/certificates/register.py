"""Menu, waiting items and words of certificates."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access
from jinbang.certificates.domain.issuance import unfounded
from jinbang.certificates.models import Certificate
from jinbang.exams.models import Sitting
from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.navigation import Entry, add_entry
from jinbang.web.shell.waiting import WaitingItem, waiting_source

add_entry(Entry("certificates", _("证书"), "certificate_list", icon="medal", ability="certificate.view", order=10))


@waiting_source
def certificates_to_make(access: Access) -> list[WaitingItem]:
    """Sittings without certificates yet, and certificates that wait to be issued."""
    if not access.can("certificate.approve"):
        return []
    page = reverse("certificate_sittings")
    doubtful = reverse("certificate_list") + "?pass=0"
    bare = Sitting.objects.filter(state="released").exclude(registrations__certificates__isnull=False)
    approved = Certificate.objects.filter(state="approved")
    return [
        WaitingItem(_("待核准发证的考试"), bare.count(), page, "warning"),
        WaitingItem(_("待签发的证书"), approved.count(), page, "info"),
        WaitingItem(_("成绩已不合格、须处理的证书"), unfounded().count(), doubtful, "danger"),
    ]


name_actions({"certificate.approve": ("核准证书", "Approved the certificate")})
