"""Approved prices, by province, level and form of exam, from a day on."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core import ledger
from jinbang.core.errors import Refusal
from jinbang.exams.models import FeePrice


def set_price(
    *,
    region: str,
    level: CertificateLevel,
    exam_form: str,
    valid_from: date,
    amount_fen: int,
    site_fen: int,
    actor: Actor,
    now: datetime,
) -> FeePrice:
    """A price in fen and the site's share of it; an empty ``region`` holds wherever no province has its own.

    Effects: a ``FeePrice`` (a price already in the table for that day is replaced), an audit row. Refusals:
    ``price_above_ceiling``, ``price_split``.
    """
    if not 0 <= site_fen <= amount_fen:
        raise Refusal("price_split", _("站点分成应在 0 与收费总额之间"))
    price = FeePrice(
        region=region,
        level=level,
        exam_form=exam_form,
        valid_from=valid_from,
        amount_fen=amount_fen,
        site_fen=site_fen,
        awarding_fen=amount_fen - site_fen,
    )
    ledger.check_price(as_core(price))
    with transaction.atomic():
        made, _created = FeePrice.objects.update_or_create(
            region=region,
            level=level,
            exam_form=exam_form,
            valid_from=valid_from,
            defaults={"amount_fen": amount_fen, "site_fen": site_fen, "awarding_fen": amount_fen - site_fen},
        )
        record("price.set", made, actor=actor, now=now, data={"amount_fen": amount_fen, "site_fen": site_fen})
    return made


def as_core(price: FeePrice) -> ledger.Price:
    """A row of the table as the pure ledger reads it."""
    return ledger.Price(
        certificate=str(price.level.certificate_type_id),
        form=ledger.ExamForm(price.exam_form),
        amount=price.amount_fen,
        site_share=price.site_fen,
        valid_from=price.valid_from,
        province=price.region or ledger.ANY,
        level=str(price.level_id),
    )


def price_for(*, region: str, level: CertificateLevel, exam_form: str, on: date) -> ledger.Price:
    """The price in force on a day. Refusal ``no_price`` names what is missing."""
    rows = FeePrice.objects.filter(level=level, exam_form=exam_form, region__in=["", region])
    prices = [as_core(row) for row in rows.select_related("level")]
    try:
        return ledger.find_price(
            prices,
            province=region,
            certificate=str(level.certificate_type_id),
            level=str(level.pk),
            form=ledger.ExamForm(exam_form),
            on=on,
        )
    except Refusal:
        raise Refusal(
            "no_price", _("{level}在 {on} 没有生效的收费标准，请先录入批准的价格"), level=str(level), on=on.isoformat()
        ) from None
