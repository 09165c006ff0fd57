"""Marking theory at hand-in: the right answers as they are sealed for the server, and the mark they give."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from jinbang.content.models import FormEntry, Item
from jinbang.core.scoring import ZERO, Blank, ItemKey, ItemType, Mark, Partial, score_item
from jinbang.delivery.domain.crypto import scoring_key, unseal

CONTEXT = "jinbang-scoring/1"
MAX_KNOWN = 20_000
_TYPES = {
    Item.Kind.SINGLE: ItemType.SINGLE,
    Item.Kind.MULTIPLE: ItemType.MULTIPLE,
    Item.Kind.TRUE_FALSE: ItemType.TRUE_FALSE,
    Item.Kind.FILL: ItemType.FILL_IN,
}


@dataclass(frozen=True)
class AnswerKeys:
    """What the server must know of a form: keys of theory items; file names and material of practical tasks."""

    keys: tuple[ItemKey, ...]
    files: Mapping[str, tuple[str, ...]]
    materials: frozenset[str] = frozenset()
    _known: dict[tuple[str, str], Mark] = field(default_factory=dict, repr=False, compare=False)

    def mark(self, answers: Mapping[str, str]) -> tuple[Mark, ...]:
        """One mark a key, in the order of the form. ``answers`` maps item to value as the protocol has it."""
        return tuple(self._mark(key, answers.get(key.item, "")) for key in self.keys)

    def _mark(self, key: ItemKey, value: str) -> Mark:
        """Many candidates give the same few answers, so their marks are worked out once."""
        found = self._known.get((key.item, value))
        if found is None:
            found = score_item(key, _parts(key, value))
            if len(self._known) < MAX_KNOWN and len(value) < 100:
                self._known[key.item, value] = found
        return found

    def score(self, answers: Mapping[str, str]) -> tuple[str, str] | None:
        """(points, detail as JSON: item → [outcome, points]) as the attempt stores them; None for a practical."""
        if not self.keys:
            return None
        marks = self.mark(answers)
        detail = {mark.item: [mark.outcome, str(mark.awarded)] for mark in marks}
        return str(sum((mark.awarded for mark in marks), ZERO)), json.dumps(detail)


def _parts(key: ItemKey, value: str) -> Sequence[str]:
    if key.type is ItemType.MULTIPLE:
        return value.split(",") if value else ()
    return (value,)


def item_id(entry: FormEntry) -> str:
    """The name of an entry in papers, steps and keys; the same for every candidate."""
    return f"e{entry.pk}"


def answer_keys_text(entries: Iterable[FormEntry], materials: Iterable[str] = ()) -> str:
    """The right answers of a form as JSON, ready to be sealed; ``materials`` are hashes of sealed material."""
    keys, files = [], {}
    for entry in entries:
        if entry.item_version is not None:
            keys.append(_key_fields(entry))
        elif entry.task is not None:
            files[item_id(entry)] = list(entry.task.file_names)
    return json.dumps({"keys": keys, "files": files, "materials": list(materials)}, ensure_ascii=False)


def _key_fields(entry: FormEntry) -> dict[str, Any]:
    version = entry.item_version
    assert version is not None
    return {
        "item": item_id(entry),
        "version": version.number,
        "kind": version.item.kind,
        "points": str(entry.points),
        "answer": list(version.answer),
    }


def open_answer_keys(cipher: bytes, *, secret: bytes) -> AnswerKeys:
    """The keys of a released set. Raises ``Refusal("seal_broken")``."""
    text = json.loads(unseal(cipher, key=scoring_key(secret), context=CONTEXT))
    return AnswerKeys(
        tuple(_item_key(fields) for fields in text["keys"]),
        {item: tuple(names) for item, names in text["files"].items()},
        frozenset(text["materials"]),
    )


def _item_key(fields: Mapping[str, Any]) -> ItemKey:
    kind = _TYPES[Item.Kind(fields["kind"])]
    answer = tuple(str(part) for part in fields["answer"])
    fill = kind is ItemType.FILL_IN
    return ItemKey(
        item=fields["item"],
        version=fields["version"],
        type=kind,
        points=Decimal(fields["points"]),
        correct=frozenset() if fill else frozenset(answer),
        blanks=(Blank(answer),) if fill else (),
        partial=Partial.NONE,
    )
