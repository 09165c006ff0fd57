"""Forms: run a verb with what was typed, and put a refusal where the person looks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jinbang.core.errors import Refusal
from jinbang.web.shell.requests import OfficeRequest

T = TypeVar("T")
Text = str | Promise
SAVED, SAVE = _("已保存"), _("保存")


def attempted(form: forms.BaseForm, action: Callable[[dict[str, Any]], T]) -> T | None:
    """Run ``action`` on the cleaned data of a valid ``form``. A ``Refusal`` becomes an error of the field that its
    ``params["field"]`` names, else of the whole form; then, or if the form is invalid, the answer is None."""
    if not form.is_valid():
        return None
    try:
        return action(form.cleaned_data)
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None


def add_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Show ``refusal`` in ``form``."""
    field = str(refusal.params.get("field", ""))
    form.add_error(field if field in form.fields else None, forms.ValidationError(str(refusal), code=refusal.code))


def form_page(
    request: OfficeRequest,
    form_class: Callable[..., forms.BaseForm],
    action: Callable[[dict[str, Any]], T],
    *,
    title: Text,
    done: Callable[[T], str],
    success: Text = SAVED,
    intro: Text = "",
    submit: Text = SAVE,
    cancel: str = "",
    template: str = "shell/form.html",
    context: dict[str, Any] | None = None,
    **form_arguments: Any,
) -> HttpResponse:
    """The whole answer to a form's address. POST: ``action(cleaned_data)`` must return something true, then the
    person goes to ``done(result)`` with ``success`` as a message; otherwise the form comes back with its errors
    (status 422)."""
    if request.method != "POST":
        form = form_class(**form_arguments)
    else:
        form = form_class(request.POST, request.FILES, **form_arguments)
        result = attempted(form, action)
        if result is not None:
            messages.success(request, str(success))
            return HttpResponseRedirect(done(result))
    page = {"form": form, "title": title, "intro": intro, "submit": submit, "cancel": cancel, **(context or {})}
    return render(request, template, page, status=422 if form.errors else 200)


class ReasonForm(forms.Form):
    """Asks for the written reason that a move needs."""

    reason = forms.CharField(
        label=_("理由"),
        help_text=_("会写入操作记录并通知相关人员，请写明依据。"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ConfirmForm(forms.Form):
    """Nothing to fill in: the button is the answer."""


def initial_of(obj: Any, names: Any) -> dict[str, Any]:
    """Present values of ``names``, for a form that changes them."""
    return {name: getattr(obj, name) for name in names}


def as_upload(file: Any, moment: datetime) -> dict[str, Any]:
    """An uploaded file as ``documents.domain.files.store`` takes it."""
    kind = file.content_type or "application/octet-stream"
    return {"data": file.read(), "name": file.name, "content_type": kind, "now": moment}
