"""The tool for English: what it extracts, merges, compiles and refuses."""

from __future__ import annotations

import gettext
import importlib.util
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", Path(__file__).parents[2] / "tools/messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


messages = tool()


def part(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / f"{name}.po"
    path.write_text(text)
    return path


def test_a_part_is_read_with_continued_lines_and_plurals(tmp_path: Path) -> None:
    plural = 'msgid "%(n)s 条"\nmsgid_plural "%(n)s 条"\nmsgstr[0] "1"\nmsgstr[1] "n"\n'
    text = f'# note\nmsgid "甲"\nmsgstr ""\n"one "\n"two"\n\n{plural}'
    assert messages.parse(part(tmp_path, "a", text)) == {"甲": ("one two",), "%(n)s 条": ("1", "n")}


@pytest.mark.parametrize(
    "text", ['msgid "甲"\nmsgstr ""\n', 'msgid "甲"\nmsgstr "a"\n\nmsgid "甲"\nmsgstr "b"\n', "nonsense\n"]
)
def test_a_part_that_is_not_right_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(messages.BrokenPartError):
        messages.parse(part(tmp_path, "a", text))


def test_texts_are_found_as_django_asks_for_them() -> None:
    template = (
        '{% translate "保存" %}{% blocktranslate trimmed with n=x|length %}\n  共 {{ n }} 条\n{% endblocktranslate %}'
    )
    assert list(messages.from_template(template)) == ["保存", "共 %(n)s 条"]
    assert list(messages.from_python('x = _("甲"); y = gettext_lazy("乙"); z = other("丙")')) == ["甲", "乙"]


def test_what_is_compiled_is_what_gettext_reads() -> None:
    catalogue = {"甲": ("one",), "共 %(n)s 条": ("%(n)s row", "%(n)s rows")}
    read = gettext.GNUTranslations(BytesIO(messages.compiled(catalogue)))
    assert read.gettext("甲") == "one"
    assert [read.ngettext("共 %(n)s 条", "共 %(n)s 条", n) for n in (1, 2)] == ["%(n)s row", "%(n)s rows"]


def test_the_first_part_wins_and_the_difference_is_told(tmp_path: Path) -> None:
    paths = [part(tmp_path, "a", 'msgid "甲"\nmsgstr "x"\n'), part(tmp_path, "b", 'msgid "甲"\nmsgstr "y"\n')]
    together, quarrels = messages.merge(paths)
    assert together == {"甲": ("x",)}
    assert len(quarrels) == 1
