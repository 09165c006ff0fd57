"""Fields that more than one part of the web asks for."""

from __future__ import annotations

from typing import Any

from django import forms


class MomentInput(forms.DateTimeInput):
    """A date and time in the programme's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """A printed instant: to the minute, in the programme's zone."""

    widget = MomentInput
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=list(self.input_formats), **kwargs)


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A day, chosen with the browser's calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)
