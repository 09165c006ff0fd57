"""Template tags of the shell: icons, labels, cells, form fields, times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms, template
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jinbang.web.shell.labels import event_label as _event_label
from jinbang.web.shell.labels import state_label as _state_label

register = template.Library()
_SPRITE = "jinbang/img/icons.svg"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """The icon ``name`` of the sprite; with ``label`` it speaks, without it is decoration."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, static(_SPRITE), name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static(_SPRITE), name)


@register.filter
def state_label(state: str, machine: str) -> str:
    """``{{ site.state|state_label:"site" }}`` → the word in the reader's language."""
    return str(_state_label(machine, state))


@register.filter
def event_label(event: str, machine: str) -> str:
    """``{{ "approve"|event_label:"site" }}`` → the word in the reader's language."""
    return str(_event_label(machine, event))


@register.simple_tag
def state_badge(state: str, machine: str) -> SafeString:
    """A badge: a tone, a mark and the word, so that colour is never the only sign."""
    label = _state_label(machine, str(state))
    return format_html('<span class="badge-state tone-{}">{}</span>', label.tone, label)


@register.filter
def money(fen: int | None) -> str:
    """Fen → "¥300.00"; an en dash for None."""
    if fen is None:
        return "–"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A date and time of the programme's zone, to the minute, as a ``<time>`` element."""
    if value is None:
        return "–"
    local = localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{local:%Y-%m-%d %H:%M}")


@register.simple_tag
def cell(column: Any, row: Any) -> SafeString | str:
    """A cell of a list, or a fact's value, drawn by its kind."""
    value = column.of(row) if hasattr(column, "of") else column.value
    drawn = _drawn(value, column.kind, column.machine)
    link = column.link(row) if callable(column.link) else column.link
    return format_html('<a href="{}">{}</a>', link, drawn) if link else drawn


def _drawn(value: Any, kind: str, machine: str) -> SafeString | str:
    if value is None or value == "":
        return format_html('<span class="nothing">{}</span>', "–")
    if kind == "state":
        return state_badge(value, machine)
    if kind == "datetime":
        return moment(value)
    if kind == "date":
        return date_format(value, "Y-m-d")
    if kind == "money":
        return money(value)
    if kind == "flag":
        return _("是") if value else _("否")
    if kind == "tags":
        return format_html("{}", "、".join(str(part) for part in value))
    if kind == "mono":
        return format_html('<span class="mono">{}</span>', value)
    return format_html("{}", value)


@register.simple_tag
def list_row(page: Any, row: Any) -> dict[str, str]:
    """Where a list's row leads and which tone it has."""
    spec = page.spec
    return {
        "url": spec.row_url(row) if spec.row_url else "",
        "tone": spec.row_tone(row) if spec.row_tone else "",
    }


_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, ""),
    (forms.RadioSelect, ""),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


@register.simple_tag
def control(field: forms.BoundField) -> SafeString:
    """The input of ``field`` in the dress of the design system, errors announced."""
    widget = field.field.widget
    dress = next(css for kind, css in _CLASSES if isinstance(widget, kind))
    if field.errors:
        dress += " is-invalid"
    own = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{dress} {own}".strip()})


@register.filter
def widget_kind(field: forms.BoundField) -> str:
    """``check``, ``group`` (radio buttons, several boxes) or ``line``: how the label stands to the input."""
    widget = field.field.widget
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "group"
    return "check" if isinstance(widget, forms.CheckboxInput) else "line"


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    """``mapping[key]``, or the key itself."""
    return mapping.get(key, key)
