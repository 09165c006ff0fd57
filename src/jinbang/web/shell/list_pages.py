"""Drawing a :class:`~jinbang.web.shell.lists.ListSpec`: the page, the partial for htmx, the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render

from jinbang.accounts.domain.preferences import preference, remember
from jinbang.web.shell.list_sheets import write_sheet
from jinbang.web.shell.lists import Column, Filter, ListSpec, narrowed
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.responses import XLSX, send_file, spooled


@dataclass(frozen=True)
class Head:
    """A column's heading: where a click leads, and how the list is sorted by it now."""

    column: Column
    url: str
    direction: str


@dataclass(frozen=True)
class Choice:
    """A filter with its options and the value in force."""

    filter: Filter
    options: list[tuple[str, Any]]
    value: str


class ListPage:
    """Everything the template ``shell/list.html`` needs, computed once."""

    def __init__(self, request: OfficeRequest, spec: ListSpec) -> None:
        self.request, self.spec = request, spec
        self.query = request.GET
        self.columns = chosen_columns(request, spec)
        self.choices = [
            Choice(item, item.options(request), self.query.get(item.name, item.default)) for item in spec.filters
        ]
        self.rows = narrowed(request, spec, self.query.dict())
        self.page: Page[Any] = Paginator(self.rows, spec.page_size).get_page(self.query.get("page"))
        self.total = self.page.paginator.count
        self.page_range = list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1))
        self.actions, self.bulk = spec.actions(request), spec.bulk(request)

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter is on: an empty list then means "nothing found"."""
        return bool(self.query.get("q")) or any(choice.value for choice in self.choices)

    @property
    def heads(self) -> list[Head]:
        sort = self.query.get("sort", "")
        return [self._head(column, sort) for column in self.columns]

    def _head(self, column: Column, sort: str) -> Head:
        if not column.order:
            return Head(column, "", "")
        direction = {column.name: "ascending", f"-{column.name}": "descending"}.get(sort, "")
        return Head(
            column, self.address(sort=f"-{column.name}" if direction == "ascending" else column.name), direction
        )

    def address(self, **changes: str) -> str:
        """The present query string with ``changes``; the page number is dropped unless given."""
        query: QueryDict = self.query.copy()
        query.pop("page", None)
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}"

    @property
    def export_url(self) -> str:
        return self.address(export="xlsx")

    @property
    def page_url(self) -> str:
        """The address that pages append their number to."""
        address = self.address()
        return f"{address}&page=" if address != "?" else "?page="

    @property
    def query_string(self) -> str:
        return self.query.urlencode()

    @property
    def chosen(self) -> set[str]:
        return {column.name for column in self.columns}


def chosen_columns(request: OfficeRequest, spec: ListSpec) -> Sequence[Column]:
    """The columns to show: those remembered for the person, else the defaults."""
    remembered = preference(request.user, f"columns:{spec.key}")
    if remembered:
        wanted = [column for column in spec.columns if column.name in remembered]
        if wanted:
            return wanted
    return [column for column in spec.columns if column.default]


def render_list(
    request: OfficeRequest, spec: ListSpec, *, template: str = "shell/list.html", context: dict[str, Any] | None = None
) -> HttpResponseBase:
    """The whole answer to a list's address: page, htmx partial, ``?export=xlsx``, or a POST that chooses columns."""
    if request.method == "POST" and "columns" in request.POST:
        return _remember_columns(request, spec)
    if spec.export and request.GET.get("export") == "xlsx":
        return _sheet(request, spec)
    page = ListPage(request, spec)
    partial = request.htmx and request.htmx.target == "list"
    return render(request, "shell/_list.html" if partial else template, {"list": page, "spec": spec, **(context or {})})


def _remember_columns(request: OfficeRequest, spec: ListSpec) -> HttpResponse:
    names = [column.name for column in spec.columns if column.name in request.POST.getlist("columns")]
    remember(request.user, f"columns:{spec.key}", names)
    response = HttpResponse(status=303)
    response["Location"] = request.get_full_path()
    return response


def _sheet(request: OfficeRequest, spec: ListSpec) -> HttpResponseBase:
    file = spooled()
    write_sheet(file, spec, chosen_columns(request, spec), narrowed(request, spec, request.GET.dict()))
    file.seek(0)
    return send_file(request, file, name=f"{spec.title}-{request.now:%Y%m%d-%H%M}.xlsx", content_type=XLSX)
