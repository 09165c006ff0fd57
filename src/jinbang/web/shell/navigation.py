"""The menu: sections of entries, each shown to those who may open it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access

SECTIONS: dict[str, Promise] = {
    "work": _("工作台"),
    "accreditation": _("试点与站点"),
    "exams": _("考务"),
    "content": _("题库与试卷"),
    "delivery": _("考试现场"),
    "grading": _("阅卷与成绩"),
    "certificates": _("证书"),
    "learning": _("培训与资源"),
    "administration": _("系统管理"),
}


@dataclass(frozen=True)
class Entry:
    """One line of the menu. ``ability`` decides who sees it (empty: everyone); ``order`` sorts in the section."""

    section: str
    label: str | Promise
    url_name: str
    icon: str
    ability: str = ""
    order: int = 50

    def visible_to(self, access: Access) -> bool:
        return not self.ability or access.can(self.ability)


@dataclass(frozen=True)
class Line:
    """An entry as drawn: where it leads and whether the present page is below it."""

    entry: Entry
    url: str
    current: bool


_entries: dict[str, Entry] = {}


def add_entry(entry: Entry) -> None:
    """Put ``entry`` into the menu. Called from a part's ``register`` module; the same URL name once only."""
    if entry.section not in SECTIONS:
        raise ValueError(f"no section {entry.section!r}")
    _entries[entry.url_name] = entry


def entries() -> list[Entry]:
    """Every entry, in menu order."""
    place = list(SECTIONS)
    return sorted(_entries.values(), key=lambda entry: (place.index(entry.section), entry.order, entry.url_name))


def menu(access: Access, path: str) -> Iterator[tuple[Promise, list[Line]]]:
    """(section title, lines) for the sections in which ``access`` sees something; ``path`` marks the current one."""
    visible = [(entry, reverse(entry.url_name)) for entry in entries() if entry.visible_to(access)]
    under = [url for _entry, url in visible if path == url or (url != "/" and path.startswith(url))]
    current = max(under, key=len, default="")
    for section, title in SECTIONS.items():
        lines = [Line(entry, url, url == current) for entry, url in visible if entry.section == section]
        if lines:
            yield title, lines


add_entry(Entry("work", _("待我处理"), "home", "inbox-check", order=1))
