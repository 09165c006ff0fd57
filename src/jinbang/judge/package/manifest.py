"""The schema of task.toml. Unknown fields are errors: a misspelt limit must not silently be no limit."""

import re
import tomllib
from decimal import Decimal
from typing import Any, Literal

import msgspec

from jinbang.judge.package.errors import PackageError, Problem
from jinbang.judge.settled import settled

SCHEMA = 1
MANIFEST = "task.toml"
RunKind = Literal["script", "calls", "unittest", "figures"]
Mark = Literal[
    "accepted",
    "wrong",
    "partial",
    "runtime_error",
    "time",
    "memory",
    "output",
    "forbidden",
    "pending",
]


class Deliverable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file the candidate hands in."""

    name: str
    about: str = ""
    required: bool = True
    max_kb: int = 256


class ToolchainNeeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The profile to judge with, what it must have installed, and modules (apart by blanks) to have imported ahead."""

    profile: str
    packages: list[str] = []
    warm: str = ""
    browser: bool = False  # drives a browser (Selenium): the sandbox lets shared memory through to it


class LimitTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Overrides of the sandbox's limits; see `sandbox.spec.Limits` for the meaning and the units."""

    wall_s: float | None = None
    cpu_s: float | None = None
    memory_mb: int | None = None
    processes: int | None = None
    output_kb: int | None = None
    file_mb: int | None = None
    tmp_mb: int | None = None
    open_files: int | None = None


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A database that runs beside the program; `seed` is a file of the package that fills it first."""

    kind: Literal["mariadb", "redis", "mongodb"]
    seed: str | None = None
    database: str = "exam"


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A recorded or written web site that answers under its real host names inside the sandbox."""

    hosts: list[str]
    folder: str


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One execution. Runs with the same `box` share files and services, in the order of the manifest.

    script: `script` is run as a program with `args` and `stdin` (a file of the package).
    calls: the functions listed in `cases` (a JSON file) are called in module `script`.
    unittest: the test file `cases` is run against module `script`.
    figures: `script` is run as a program, and the Matplotlib figures it leaves are described.
    """

    id: str
    kind: RunKind = "script"
    script: str = "main.py"
    args: list[str] = []
    stdin: str | None = None
    cases: str | None = None
    files: dict[str, str] = {}
    box: str = "main"
    limits: LimitTable | None = None


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that earns points. `after_crash` lets it look at what a failed run left behind."""

    id: str
    title: str
    points: Decimal
    checker: str
    run: str | None = None
    visible: bool = False
    after_crash: bool = False
    options: dict[str, Any] = {}


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One place of the reference that a wrong solution does otherwise; `old` stands there exactly once."""

    file: str
    old: str
    new: str


class Wrong(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A wrong solution that ships with the task, and what it must get: edits of the reference, or a folder."""

    name: str
    why: str
    folder: str | None = None
    edits: list[Edit] = []
    outcome: Mark
    points: Decimal
    cases: dict[str, Mark] = {}


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A variant's parameter: one of `choices` (a table: several linked values), or a number of a range."""

    choices: list[str | int | dict[str, str | int]] = []
    low: int | None = None
    high: int | None = None
    step: int = 1


class Variants(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Text files that match `files` have `{{name}}` replaced by the drawn value."""

    files: list[str]
    parameters: dict[str, Parameter]


@settled
class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """task.toml as a whole."""

    schema: int
    slug: str
    title: str
    level: Literal["elementary", "intermediate", "advanced"]
    skills: list[str]
    minutes: int
    deliverables: list[Deliverable]
    toolchain: ToolchainNeeds
    runs: list[Run] = []
    tests: list[Test]
    wrong: list[Wrong] = []
    limits: LimitTable = LimitTable()
    services: list[Service] = []
    sites: list[Site] = []
    variants: Variants | None = None

    @property
    def points(self) -> Decimal:
        """What the task is worth in all."""
        return sum((test.points for test in self.tests), Decimal(0))

    def run(self, run_id: str) -> Run:
        """The run of that id; KeyError if there is none."""
        for run in self.runs:
            if run.id == run_id:
                return run
        raise KeyError(run_id)


def parse_manifest(data: bytes) -> Manifest:
    """Read task.toml. Raises PackageError naming the field and the remedy."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        remedy = "请以 UTF-8 保存，并按提示的行列修正 TOML 语法"
        raise PackageError([Problem(MANIFEST, "", f"不是有效的 TOML：{error}", remedy)]) from error
    try:
        manifest = msgspec.convert(raw, type=Manifest)
    except msgspec.ValidationError as error:
        raise PackageError([_explain(str(error))]) from error
    if manifest.schema != SCHEMA:
        message = f"清单版本 {manifest.schema} 不受支持"
        raise PackageError([Problem(MANIFEST, "schema", message, f"请写 schema = {SCHEMA}")])
    return manifest


_UNKNOWN = re.compile(r"Object contains unknown field `(.+?)`")
_MISSING = re.compile(r"Object missing required field `(.+?)`")
_EXPECTED = re.compile(r"Expected `(.+?)`, got `(.+?)`")


def _explain(text: str) -> Problem:
    """msgspec's sentence in the author's language, with the place and what to do."""
    text, _, path = text.partition(" - at ")
    place = path.strip("`").removeprefix("$").removeprefix(".")
    if found := _UNKNOWN.search(text):
        return Problem(MANIFEST, place, f"不认识字段 {found[1]}", "请检查拼写，或删去这一行")
    if found := _MISSING.search(text):
        return Problem(MANIFEST, place, f"缺少必填字段 {found[1]}", "请补上这一字段")
    if found := _EXPECTED.search(text):
        return Problem(MANIFEST, place, f"应为 {found[1]}，实为 {found[2]}", "请改成所要求的类型")
    return Problem(MANIFEST, place, text, "请改成允许的取值")
