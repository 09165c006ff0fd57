"""What programs run on, shown as it is: read from the builds, never from a list of promises.

Anyone may look: candidates prepare with it, and it names nothing that helps anybody break out. Staff see besides
which judge hosts run what, and the command that builds what is missing.
"""

from __future__ import annotations

import csv
import io

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jinbang.accounts.permissions import Access
from jinbang.grading.queries.toolchains import Environment, environment, environments


def _is_staff(request: HttpRequest) -> bool:
    access: Access | None = getattr(request, "access", None)
    return access is not None and (access.can("judge_job.view") or access.can("form.view"))


def toolchain_list(request: HttpRequest) -> HttpResponse:
    """Every profile: built or not, and on which judge hosts."""
    found = environments()
    page = {
        "title": _("运行环境"),
        "environments": sorted(found, key=lambda row: not row.is_built),
        "staff": _is_staff(request),
        "shell": _shell(request),
    }
    return render(request, "public/toolchains.html", page)


def _shell(request: HttpRequest) -> str:
    return "base.html" if request.user.is_authenticated else "base_bare.html"


def toolchain(request: HttpRequest, name: str) -> HttpResponse:
    """One profile with every package that is installed; ``q`` narrows the list."""
    found = _found(name)
    wanted = request.GET.get("q", "").strip().lower()
    packages = [row for row in found.packages or () if wanted in row[0].lower().replace("_", "-")]
    page = {
        "title": found.title,
        "environment": found,
        "packages": packages,
        "q": request.GET.get("q", ""),
        "staff": _is_staff(request),
        "shell": _shell(request),
    }
    return render(request, "public/toolchain.html", page)


def toolchain_sheet(request: HttpRequest, name: str) -> HttpResponse:
    """The packages as a sheet; 404 where nothing is built."""
    found = _found(name)
    if found.packages is None:
        raise Http404
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("软件包"), _("版本")])
    writer.writerows([("Python", found.python), *found.packages])
    body = "\ufeff" + out.getvalue()  # with the mark that makes Excel read UTF-8
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.profile}-{found.digest[:12]}.csv"'
    return response


def _found(name: str) -> Environment:
    found = environment(name)
    if found is None:
        raise Http404
    return found
