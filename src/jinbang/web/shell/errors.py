"""Pages for what did not work, in words that help."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, title: str, hint: str) -> HttpResponse:
    return render(request, "shell/error.html", {"status": status, "title": title, "hint": hint}, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: also the answer for what exists but is not theirs to see."""
    return _page(request, 404, _("没有找到这个页面"), _("它可能已经移走，或不在您的管理范围内。请从左侧菜单重新进入。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the page exists, the role does not suffice."""
    return _page(request, 403, _("您的角色不能打开这个页面"), _("如果工作需要，请联系本单位的管理员授予相应角色。"))


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault; rendered without context that could fail again."""
    from django.template.loader import render_to_string

    return HttpResponse(render_to_string("shell/broken.html"), status=500)
