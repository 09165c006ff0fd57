"""Personal data at rest: what is stored, what opens it, and that opening leaves a trace."""

from __future__ import annotations

import random
from datetime import date

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts.world import NOW, World

from jinbang.accounts.domain import personal_data
from jinbang.audit.actor import SYSTEM
from jinbang.audit.models import AuditRow
from jinbang.core.errors import Refusal
from jinbang.core.identity import Sex, generate

NUMBER = generate(random.Random(7), date(2003, 4, 5), Sex.FEMALE).value


@given(st.text(max_size=60), st.text(max_size=20))
def test_what_is_encrypted_opens_again_in_its_place(text: str, context: str) -> None:
    assert personal_data.decrypt(personal_data.encrypt(text, context=context), context=context) == text


def test_a_value_moved_to_another_row_does_not_open() -> None:
    blob = personal_data.encrypt("secret", context="a")
    with pytest.raises(Refusal) as refused:
        personal_data.decrypt(blob, context="b")
    assert refused.value.code == "personal_data_unreadable"


@pytest.mark.parametrize("index", [0, 1, 12, 20, -1])
def test_one_changed_byte_is_noticed(index: int) -> None:
    blob = bytearray(personal_data.encrypt("secret text", context="a"))
    blob[index] ^= 1
    with pytest.raises(Refusal, match="加密数据"):
        personal_data.decrypt(bytes(blob), context="a")


def test_the_same_text_is_never_the_same_ciphertext() -> None:
    assert personal_data.encrypt("x", context="") != personal_data.encrypt("x", context="")


def test_the_look_up_hash_knows_a_number_however_typed_and_depends_on_the_key() -> None:
    plain = personal_data.id_number_hash(NUMBER)
    spaced = f" {NUMBER[:6]} {NUMBER[6:14]}-{NUMBER[14:].lower()} "
    assert personal_data.id_number_hash(spaced) == plain
    with override_settings(PERSONAL_DATA_KEY=b"k" * 32):
        assert personal_data.id_number_hash(NUMBER) != plain


def test_sealing_shows_only_the_mask() -> None:
    hashed, blob, masked = personal_data.seal_id_number(NUMBER)
    assert len(hashed) == 64
    assert NUMBER.encode() not in blob
    assert masked == f"{NUMBER[:3]}***********{NUMBER[-4:]}"


def test_opening_a_number_is_logged_with_its_reason(world: World) -> None:
    hashed, blob, _masked = personal_data.seal_id_number(NUMBER)
    arguments = {"obj": world.north, "number_hash": hashed, "ciphertext": blob, "actor": SYSTEM, "now": NOW}
    with pytest.raises(Refusal, match="理由"):
        personal_data.open_id_number(**arguments, reason=" ")
    assert not AuditRow.objects.filter(action="personal_data.open").exists()
    assert personal_data.open_id_number(**arguments, reason="核对证件") == NUMBER
    row = AuditRow.objects.get(action="personal_data.open")
    assert (row.reason, row.data) == ("核对证件", {"field": "id_number"})
