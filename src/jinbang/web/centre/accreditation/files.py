"""Handing stored files back to those who may see them."""

from __future__ import annotations

from django.http.response import HttpResponseBase

from jinbang.accounts.permissions import scoped_get
from jinbang.documents.domain import files
from jinbang.documents.permissions import visible_files
from jinbang.web.shell.access import requires
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import send_file


@requires()
def stored_file(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Download a file that was filed for an organisation within reach."""
    stored = scoped_get(visible_files(request.access), pk)
    return send_file(request, files.open(stored), name=stored.name, content_type=stored.content_type)
