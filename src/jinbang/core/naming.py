"""Names of people: one spelling, one order, and what may be shown.

A name may hold "·" (typed in eight ways), characters of CJK extension B and beyond, and variation
selectors that pick a glyph; none of them may be lost, so a name is never passed through NFKC, which
would replace compatibility ideographs by others than those on the identity card.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType

from jinbang.core.problems import Problem

_DOTS = "·•‧・･∙⋅·"
_TO_DOT = str.maketrans(dict.fromkeys(_DOTS, "·"))
_FULL_WIDTH = str.maketrans({0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: " "})
_LONGEST = 50

_SURNAMES = """
    单 shan  仇 qiu  解 xie  曾 zeng  查 zha  区 ou  朴 piao  任 ren  华 hua  乐 yue
    召 shao  冼 xian  洗 xian  翟 zhai  覃 qin  缪 miao  种 chong  员 yun  逄 pang  折 she
    繁 po  黑 he  盛 sheng  祭 zhai  牟 mu  谌 chen  訾 zi  乜 nie  尉 wei  晟 cheng
    隗 wei  佴 nai  秘 bi  重 chong  车 che  盖 ge  郗 xi  应 ying  过 guo  燕 yan
    宁 ning  柏 bai  卜 bu  钭 tou  郇 xun  宿 su  句 gou  都 du  纪 ji  哈 ha
    那 na  石 shi  沈 shen  臧 zang  葛 ge  卡 ka  幺 yao  相 xiang  少 shao  曲 qu
    降 jiang  角 jue  教 jiao  能 nai  尹 yin  强 qiang  会 gui  莘 shen  阚 kan  撒 sa
    适 kuo  不 fou
"""

_COMPOUND = """
    欧阳 ou yang  司马 si ma  上官 shang guan  诸葛 zhu ge  东方 dong fang
    皇甫 huang fu  尉迟 yu chi  公孙 gong sun  慕容 mu rong  令狐 ling hu
    司徒 si tu  长孙 zhang sun  宇文 yu wen  万俟 mo qi  澹台 tan tai
    夏侯 xia hou  闻人 wen ren  赫连 he lian  申屠 shen tu  独孤 du gu
    鲜于 xian yu  淳于 chun yu  单于 chan yu  太史 tai shi  公冶 gong ye
    轩辕 xuan yuan  钟离 zhong li  濮阳 pu yang  司空 si kong  西门 xi men
    南宫 nan gong  端木 duan mu  百里 bai li  呼延 hu yan  纳兰 na lan
    拓跋 tuo ba  完颜 wan yan  第五 di wu  乐正 yue zheng  宰父 zai fu
"""

#: Surnames whose reading differs from the usual one of the character, or that software often misreads.
SURNAME_READINGS = MappingProxyType(dict(pair.split(" ") for pair in re.split(r"\s\s+", _SURNAMES.strip())))

#: Surnames of two characters, with a reading for each.
COMPOUND_SURNAMES = MappingProxyType(
    {
        name: (first, second)
        for name, first, second in (entry.split(" ") for entry in re.split(r"\s\s+", _COMPOUND.strip()))
    }
)


def normalise_name(text: str) -> str:
    """One spelling: "·" for every middle dot, half-width Latin, no blanks beside Chinese, none invisible."""
    text = text.translate(_FULL_WIDTH).translate(_TO_DOT)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n")
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" ?· ?", "·", text)
    return re.sub(r" (?=[^\x00-\u024f])|(?<=[^\x00-\u024f]) ", "", text)


def validate_name(name: str) -> tuple[Problem, ...]:
    """Faults of a normalised name.

    Codes: ``name_empty``, ``name_length``, ``name_private_use``, ``name_characters``, ``name_dot``.
    """
    if not name:
        return (Problem.of("name_empty", "姓名为空"),)
    problems = []
    if len(name) > _LONGEST or len(name) < 2:
        problems.append(Problem.of("name_length", "姓名应为 2 至 {most} 个字符", most=_LONGEST))
    private = [c for c in name if unicodedata.category(c) == "Co"]
    if private:
        code = f"U+{ord(private[0]):04X}"
        problems.append(
            Problem.of("name_private_use", "姓名含造字 {code}，换一台电脑就无法显示；请改用国标生僻字输入", code=code)
        )
    wrong = [c for c in name if not _may_stand_in_name(c)]
    if wrong:
        problems.append(Problem.of("name_characters", "姓名中不应有“{character}”", character=wrong[0]))
    if name.startswith("·") or name.endswith("·") or "··" in name:
        problems.append(Problem.of("name_dot", "间隔号“·”应在两段姓名之间"))
    return tuple(problems)


def _may_stand_in_name(character: str) -> bool:
    category = unicodedata.category(character)
    return character in "· -'." or category[0] == "L" or category in ("Mn", "Mc", "Co") or is_han(character)


def split_name(name: str) -> tuple[str, str]:
    """(surname, rest). A name with "·", a blank or no Chinese first character has no surname: ("", name)."""
    if "·" in name or " " in name or not name or not is_han(name[0]):
        return "", name
    size = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1
    return name[:size], name[size:]


def is_han(character: str) -> bool:
    """Whether the character is a Chinese ideograph of any extension."""
    code = ord(character)
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF or code == 0x3007


def name_sort_key(name: str, pinyin: Callable[[str], Sequence[str]]) -> tuple[tuple[str, ...], str]:
    """Order by reading, character by character; same readings are ordered by the characters themselves.

    ``pinyin`` gives one toneless reading per character of its argument; a character that it does not know
    it returns as it is, and such a name sorts after those that are known.
    """
    surname, rest = split_name(name)
    if surname in COMPOUND_SURNAMES:
        head: Sequence[str] = COMPOUND_SURNAMES[surname]
    elif surname in SURNAME_READINGS:
        head = [SURNAME_READINGS[surname]]
    else:
        head = pinyin(surname) if surname else ()
    tail = pinyin(rest) if rest else ()
    return tuple(s.casefold() for s in (*head, *tail)), name


def clusters(text: str) -> Iterator[str]:
    """What a reader sees as one character: a base with its variation selectors and combining marks."""
    current = ""
    for character in text:
        if current and (unicodedata.combining(character) or unicodedata.category(character) == "Mn"):
            current += character
        else:
            if current:
                yield current
            current = character
    if current:
        yield current


def mask_name(name: str) -> str:
    """张三 → 张*, 张三丰 → 张*丰, 欧阳明日 → 欧**日: first and last stay, two characters keep the first."""
    seen = list(clusters(name))
    if len(seen) < 2:
        return "*" * len(seen)
    if len(seen) == 2:
        return seen[0] + "*"
    return seen[0] + "".join("·" if c == "·" else "*" for c in seen[1:-1]) + seen[-1]
