"""House rules that no general linter knows, checked on the syntax tree.

* HR1 a state field is written by ``audit.domain.move`` alone;
* HR2 no clock is read outside the edges: core, domain and queries take ``now`` as an argument;
* HR3 an app's rows are written by that app's own code;
* HR4 a module stays under 500 lines.

Run ``python tools/house_rules.py [FILE …]``; prints one line a finding and exits 1 if there is any.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path("src/jinbang")
MOVES = SOURCE / "audit/domain/moves.py"
MAX_LINES = 500
CLOCK_CALLS = {
    ("timezone", "now"), ("timezone", "localdate"), ("timezone", "localtime"), ("datetime", "now"),
    ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"), ("clock", "now"),
}  # fmt: skip
CLOCKLESS_LAYERS = {"domain", "queries", "models"}
WRITES = {
    "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete", "acreate",
    "aupdate", "adelete",
}  # fmt: skip
APPS = {
    "audit", "accounts", "documents", "accreditation", "content", "exams", "delivery", "grading", "certificates",
    "learning",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """A broken rule at a line of a file."""

    path: Path
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule} {self.text}"


def check_source(path: Path, source: str) -> list[Finding]:
    """Every finding in one module. ``path`` is relative to the repository and decides which rules apply."""
    tree = ast.parse(source)
    findings = [Finding(path, line, "HR1", text) for line, text in _state_writes(path, tree)]
    if _is_clockless(path):
        findings += [Finding(path, line, "HR2", text) for line, text in _clock_reads(tree)]
    findings += [Finding(path, line, "HR3", text) for line, text in _foreign_writes(path, tree)]
    lines = source.count("\n")
    if lines > MAX_LINES and "migrations" not in path.parts:
        findings.append(Finding(path, lines, "HR4", f"{lines} lines; split it (at most {MAX_LINES})"))
    return findings


def _app_of(path: Path) -> str:
    parts = path.parts
    return parts[2] if parts[:2] == ("src", "jinbang") and len(parts) > 3 else ""


def _is_clockless(path: Path) -> bool:
    app = _app_of(path)
    return app == "core" or (app in APPS and bool(CLOCKLESS_LAYERS & set(path.parts)))


def _state_writes(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
    if path == MOVES or _app_of(path) not in APPS | {"web", "demo", "cli"}:
        return
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = list(node.targets)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "state" and not _is_self(target.value):
                yield node.lineno, "writes a state field; use jinbang.audit.domain.move"
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"update", "aupdate"}
        ) and any(keyword.arg == "state" for keyword in node.keywords):
            yield node.lineno, "updates a state column; use jinbang.audit.domain.move"


def _is_self(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id == "self"


def _clock_reads(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if (name, node.func.attr) in CLOCK_CALLS:
                yield node.lineno, f"reads a clock ({name}.{node.func.attr}); take `now` as an argument"
        if isinstance(node, ast.ImportFrom) and node.module == "jinbang.config.clock":
            yield node.lineno, "imports the site clock; take `now` as an argument"


def _foreign_writes(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
    own = _app_of(path)
    if own not in APPS | {"web"}:
        return
    foreign: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("jinbang."):
            parts = node.module.split(".")
            if len(parts) > 2 and parts[1] in APPS - {own} and parts[2] == "models":
                foreign |= {alias.asname or alias.name: parts[1] for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            root = _root_name(node.func.value)
            if root in foreign:
                yield node.lineno, f"writes {root} of {foreign[root]}; call a verb of that app"


def _root_name(node: ast.expr) -> str:
    """The name that a chain like ``Model.objects.filter(…).update`` starts with; empty if it is none."""
    while True:
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def main(names: list[str]) -> int:
    """Check the named files, or the whole source tree; 1 if anything was found."""
    paths = [Path(name) for name in names] or sorted(SOURCE.rglob("*.py"))
    findings = [finding for path in paths for finding in check_source(path, path.read_text(encoding="utf-8"))]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
