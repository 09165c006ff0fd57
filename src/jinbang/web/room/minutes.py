"""Room minutes, on screen and as PDF."""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override

from jinbang.accounts.permissions import scoped_get
from jinbang.delivery.domain.room.minutes import room_minutes
from jinbang.delivery.models import RoomSession
from jinbang.delivery.permissions import rooms_in_sight
from jinbang.pdf.data import RoomMinutes
from jinbang.pdf.render import render as render_pdf
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import send_file


def _written(session: RoomSession, now: datetime, remark: str = "") -> RoomMinutes:
    """The minutes in Chinese, whatever language the reader has chosen: they are signed and filed."""
    with override("zh-hans"):
        return room_minutes(session=session, now=now, remark=remark)


@login_required
def preview(request: OfficeRequest, pk: int) -> HttpResponse:
    """The minutes as they would be printed now."""
    session = scoped_get(rooms_in_sight(request.access).select_related("room__site", "sitting_subject__sitting"), pk)
    written = _written(session, request.now)
    return render(request, "room/minutes.html", {"session": session, "minutes": asdict(written)})


@login_required
def pdf(request: OfficeRequest, pk: int) -> HttpResponse:
    """The minutes as PDF. ``remark`` in the address is what the invigilators add by hand."""
    session = scoped_get(rooms_in_sight(request.access).select_related("room__site", "sitting_subject__sitting"), pk)
    written = _written(session, request.now, request.GET.get("remark", "")[:500])
    name = _("考场情况记录-{}-{}.pdf").format(written.room, written.subject)
    content = render_pdf("room_minutes", written)
    return send_file(request, io.BytesIO(content), name=name, content_type="application/pdf", inline=True)
