"""Public pages: anyone may check a certificate. They show what it certifies and whether it stands, nothing else."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.certificates.domain.credential import key_id, public_key_text, signing_key
from jinbang.certificates.models import Certificate
from jinbang.core.numbering import check_holds

STANDS = {"issued": "valid", "suspended": "suspended", "revoked": "revoked", "replaced": "replaced"}


class LookupForm(forms.Form):
    """Number and name together: neither alone opens a certificate."""

    number = forms.CharField(
        label=_("证书编号"), max_length=40, help_text=_("印在证书上，末位是校验位。不区分大小写。")
    )
    name = forms.CharField(label=_("持证人姓名"), max_length=100)

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"]).strip().upper().replace(" ", "")
        if not check_holds(number):
            raise forms.ValidationError(_("编号的校验位不符，请逐位核对"))
        return number


def lookup(request: HttpRequest) -> HttpResponse:
    """Find a certificate by number and holder's name."""
    form = LookupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = Certificate.objects.filter(
            number=form.cleaned_data["number"],
            certified__holder=form.cleaned_data["name"].strip(),
            state__in=STANDS,
        ).first()
        if found is not None:
            return HttpResponseRedirect(reverse("verify", args=[found.public_key]))
        form.add_error(None, _("没有找到编号与姓名相符的证书，请核对后再试"))
    return render(request, "public/lookup.html", {"form": form})


def verify(request: HttpRequest, key: str) -> HttpResponse:
    """One certificate: every certified field and its state."""
    certificate = get_object_or_404(
        Certificate.objects.select_related("issuer__organisation"), public_key=key, state__in=STANDS
    )
    return render(
        request,
        "public/verify.html",
        {
            "certificate": certificate,
            "certified": certificate.certified,
            "standing": STANDS[certificate.state],
            "successor": Certificate.objects.filter(replaces=certificate).first(),
        },
    )


def status(request: HttpRequest, key: str) -> JsonResponse:
    """The state for machines, named by the credential's ``credentialStatus``."""
    certificate = get_object_or_404(Certificate, public_key=key, state__in=STANDS)
    return JsonResponse(
        {"number": certificate.number, "state": certificate.state, "valid": certificate.state == "issued"}
    )


def issuer_key(request: HttpRequest) -> JsonResponse:
    """The public key that credentials are signed with, as a JWK set."""
    public = signing_key().public_key()
    key = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": key_id(public), "x": public_key_text(public)}
    return JsonResponse({"keys": [key]})
