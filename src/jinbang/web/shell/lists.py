"""Lists: declared, not written. A :class:`ListSpec` gives search, filters, order, pages, columns and xlsx.

A page is at most four queries (count, rows, preference, and what the filters' choices need), whatever the
number of rows: put ``select_related``/``prefetch_related``/``annotate`` into the queryset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from jinbang.web.shell.requests import OfficeRequest

Text = str | Promise
Choices = Iterable[tuple[str, Text]]
ABSENT = object()


@dataclass(frozen=True)
class Column:
    """One column. ``value``: attribute path (``school.name``), or a function of the row; default: ``name``.

    ``sort``: what ``order_by`` takes (empty: not sortable). ``kind`` decides how a cell is drawn: text, number,
    money (fen), date, datetime, flag, state (needs ``machine``), tags (a list), mono. ``default=False``: only
    shown when chosen. ``export=False``: never in the sheet.
    """

    name: str
    label: Text
    value: str | Callable[[Any], object] = ""
    sort: str | tuple[str, ...] = ()
    kind: str = "text"
    machine: str = ""
    default: bool = True
    export: bool = True
    link: Callable[[Any], str] | None = None
    hint: Text = ""

    def of(self, row: Any) -> Any:
        """The cell's value for ``row``; None when something on the path is None."""
        if callable(self.value):
            return self.value(row)
        found: Any = row
        for step in (self.value or self.name).split("."):
            found = getattr(found, step, None)
            if found is None:
                return None
            if callable(found) and not isinstance(found, Promise):
                found = found()
        return found

    @property
    def order(self) -> tuple[str, ...]:
        return (self.sort,) if isinstance(self.sort, str) and self.sort else tuple(self.sort)


@dataclass(frozen=True)
class Filter:
    """A choice above the list. ``lookup``: ORM lookup, or a function (queryset, value) → queryset.

    ``choices``: pairs, or a function of the request; ``state_choices`` below gives a machine's. ``default`` applies
    when the address says nothing.
    """

    name: str
    label: Text
    choices: Choices | Callable[[OfficeRequest], Choices]
    lookup: str | Callable[[QuerySet[Any], str], QuerySet[Any]] = ""
    default: str = ""

    def options(self, request: OfficeRequest) -> list[tuple[str, Text]]:
        given = self.choices(request) if callable(self.choices) else self.choices
        return [(str(value), label) for value, label in given]

    def apply(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if callable(self.lookup):
            return self.lookup(queryset, value)
        return queryset.filter(**{self.lookup or self.name: value})


@dataclass(frozen=True)
class PageAction:
    """A button of a page: where it leads, its icon (name in icons.svg), whether it is the main one."""

    label: Text
    url: str
    icon: str = ""
    primary: bool = False


@dataclass(frozen=True)
class BulkAction:
    """Something done to the ticked rows: a POST to ``url`` with ``pk`` repeated (and ``all=1`` plus the query
    string when everything that matches was ticked)."""

    label: Text
    url: str
    icon: str = ""
    confirm: Text = ""
    grave: bool = False


@dataclass(frozen=True)
class Empty:
    """What an empty list says: what it is, and what to do next."""

    title: Text
    hint: Text = ""
    action: PageAction | None = None


@dataclass(frozen=True)
class ListSpec:
    """A list. ``key`` names it in preferences and in the file name; ``queryset`` must already be scoped to what the
    person may see (``request.access.scope(ability).q(path)``)."""

    key: str
    title: Text
    queryset: Callable[[OfficeRequest], QuerySet[Any]]
    columns: Sequence[Column]
    search: Sequence[str] = ()
    search_hint: Text = ""
    filters: Sequence[Filter] = ()
    default_order: Sequence[str] = ("-pk",)
    row_url: Callable[[Any], str] | None = None
    row_tone: Callable[[Any], str] | None = None
    intro: Text = ""
    empty: Empty = field(default_factory=lambda: Empty("—"))
    actions: Callable[[OfficeRequest], Sequence[PageAction]] = lambda request: ()
    bulk: Callable[[OfficeRequest], Sequence[BulkAction]] = lambda request: ()
    page_size: int = 50
    export: bool = True
    refresh_s: int = 0

    def column(self, name: str) -> Column | None:
        """The column called ``name``, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


def searched(queryset: QuerySet[Any], lookups: Sequence[str], words: str) -> QuerySet[Any]:
    """Rows in which every word of ``words`` occurs in some field. A lookup without ``__`` suffix means "contains";
    write ``id_hash__exact`` or the like for anything else."""
    for word in words.split():
        conditions = [Q(**{_lookup(name): word}) for name in lookups]
        queryset = queryset.filter(reduce(or_, conditions))
    return queryset


def _lookup(name: str) -> str:
    return name if name.endswith(("__exact", "__iexact", "__startswith", "__istartswith")) else f"{name}__icontains"


def ordered(queryset: QuerySet[Any], spec: ListSpec, wanted: str) -> QuerySet[Any]:
    """``queryset`` in the order ``wanted`` (``name`` or ``-name`` of a sortable column), else the default; always
    total, by primary key at last, so that pages neither repeat nor skip a row."""
    column = spec.column(wanted.lstrip("-"))
    order = column.order if column else ()
    if not order:
        return queryset.order_by(*spec.default_order, "pk")
    if wanted.startswith("-"):
        order = tuple(name[1:] if name.startswith("-") else f"-{name}" for name in order)
    return queryset.order_by(*order, "pk")


def narrowed(request: OfficeRequest, spec: ListSpec, query: Mapping[str, str]) -> QuerySet[Any]:
    """The rows that the search box and the filters leave, in order."""
    queryset = spec.queryset(request)
    if words := query.get("q", "").strip():
        queryset = searched(queryset, spec.search, words)
    for filter_ in spec.filters:
        value = query.get(filter_.name, filter_.default)
        if value and value in {option for option, _label in filter_.options(request)}:
            queryset = filter_.apply(queryset, value)
    return ordered(queryset, spec, query.get("sort", ""))


def selection(request: OfficeRequest, spec: ListSpec) -> QuerySet[Any]:
    """For a bulk action's POST: the ticked rows, or every row that matched; always within the spec's own scope."""
    if request.POST.get("all") == "1":
        from django.http import QueryDict

        return narrowed(request, spec, QueryDict(request.POST.get("query", "")).dict())
    return spec.queryset(request).filter(pk__in=request.POST.getlist("pk"))


def state_choices(machine: str) -> Callable[[OfficeRequest], Choices]:
    """Choices for a filter over the states of ``machine``, in the reader's language."""
    from jinbang.web.shell.labels import STATE_LABELS

    return lambda request: [(state, str(label)) for state, label in STATE_LABELS[machine].items()]


def model_choices(queryset: Callable[[OfficeRequest], QuerySet[Any]]) -> Callable[[OfficeRequest], Choices]:
    """Choices for a filter over rows: primary key and text."""

    def choices(request: OfficeRequest) -> Choices:
        rows: Iterable[Model] = queryset(request)[:300]
        return [(str(row.pk), str(row)) for row in rows]

    return choices
