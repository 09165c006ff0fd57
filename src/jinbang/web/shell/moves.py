"""The page (or dialog) in which a person confirms a move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from jinbang.accounts.models import Organisation
from jinbang.audit.domain.moves import state_field
from jinbang.core.errors import Refusal
from jinbang.web.shell.forms import ConfirmForm, ReasonForm, add_refusal
from jinbang.web.shell.labels import GRAVE_EVENTS, event_label, state_label
from jinbang.web.shell.requests import OfficeRequest


def event_page(
    request: OfficeRequest,
    obj: Model,
    event: str,
    verb: Callable[..., object],
    *,
    organisation: Organisation | None,
    done: str,
    form_class: type[forms.Form] | None = None,
    explain: str | Promise = "",
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    """The answer to an event's address. GET: what will happen, the reason if the table asks for one, a button (as a
    dialog when htmx asks). POST: ``verb(**cleaned_data)``, then on to ``done``.

    Raises ``PermissionDenied`` if the person's roles at ``organisation`` do not allow the event in this state; a
    move that the table does not have comes back as a message, not as an error page.
    """
    field = state_field(type(obj))
    machine, state = field.machine, str(getattr(obj, field.attname))
    request.access.require(f"{machine.name}.{event}", organisation, state=state)
    try:
        step = machine.next(state, event)
    except Refusal:
        messages.warning(request, _("“{}”现在是“{}”，不能再进行这一步。").format(obj, state_label(machine.name, state)))
        return HttpResponseRedirect(done)
    chosen = form_class or (ReasonForm if step.reason else ConfirmForm)
    form = chosen(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            verb(**form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("{}：已{}").format(obj, event_label(machine.name, event)))
            return _leave(request, done)
    page = {
        "form": form,
        "object": obj,
        "title": str(event_label(machine.name, event)),
        "explain": explain,
        "from_label": state_label(machine.name, step.source),
        "to_label": state_label(machine.name, step.target),
        "grave": event in GRAVE_EVENTS,
        "cancel": done,
        "action": request.get_full_path(),
    }
    dialog = request.htmx and request.htmx.target == "dialog"
    return render(request, "shell/_move.html" if dialog else "shell/move.html", page, status=_status(request, form))


def _status(request: OfficeRequest, form: forms.Form) -> int:
    return 422 if form.errors and not request.htmx else 200


def _leave(request: OfficeRequest, url: str) -> HttpResponse:
    if not request.htmx:
        return HttpResponseRedirect(url)
    return HttpResponse(status=204, headers={"HX-Redirect": url})
