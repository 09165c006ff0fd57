"""People for demonstrations: generated, and plainly nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from jinbang.core.identity import Sex, generate

# Surnames with unusual readings are among them on purpose: lists must sort them right.
SURNAMES = ("赵", "钱", "孙", "李", "周", "吴", "郑", "王", "单", "仇", "解", "曾", "查", "区", "欧阳", "司马")
DIGITS = "〇一二三四五六七八九"
AREAS = ("140105", "320106", "120104", "420106", "510104")
CLASSES = ("软件2001班", "软件2002班", "应用2001班", "网络2001班")


@dataclass(frozen=True)
class Someone:
    """A fictional candidate."""

    name: str
    id_number: str
    sex: str
    class_name: str
    phone: str


def numeral(number: int) -> str:
    """``number`` digit by digit in Chinese numerals."""
    return "".join(DIGITS[int(digit)] for digit in str(number))


def someone(rng: random.Random, number: int) -> Someone:
    """The ``number``-th person: the name says that it is made up (演, a part that is played)."""
    sex = rng.choice((Sex.MALE, Sex.FEMALE))
    born = date(2001, 1, 1) + timedelta(days=rng.randrange(1200))
    surname = rng.choice(SURNAMES)
    name = f"阿依·演{numeral(number)}" if number % 37 == 0 else f"{surname}演{numeral(number)}"
    return Someone(
        name=name,
        id_number=generate(rng, born, sex, rng.choice(AREAS)).value,
        sex="男" if sex is Sex.MALE else "女",
        class_name=CLASSES[number % len(CLASSES)],
        phone=f"1380000{number % 10000:04d}",
    )


def crowd(seed: int, count: int) -> Iterator[Someone]:
    """``count`` people with different ID numbers, always the same for a seed."""
    rng = random.Random(seed)
    seen: set[str] = set()
    number = 0
    while len(seen) < count:
        number += 1
        person = someone(rng, number)
        if person.id_number not in seen:
            seen.add(person.id_number)
            yield person
