"""Guards for views: signed in, and able to do what the page is for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from jinbang.accounts.access import ACCESS

View = Callable[..., HttpResponse]


def requires(*abilities: str) -> Callable[[View], View]:
    """The view is for signed-in people who have any of ``abilities`` somewhere; others get 403, strangers sign in.

    Without abilities, being signed in is enough. Where the person may act is the view's own question:
    filter with ``request.access.scope(ability).q(path)`` and fetch with ``scoped_get``.
    """
    for ability in abilities:
        if not any(key == ability or key.startswith(f"{ability}@") for key in ACCESS):
            raise LookupError(f"no ability {ability!r} in accounts.access")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            access = request.access  # type: ignore[attr-defined]
            if abilities and not any(access.can(ability) for ability in abilities):
                access.require(abilities[0])
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return guard
