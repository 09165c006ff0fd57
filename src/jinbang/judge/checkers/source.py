"""Rules on the syntax tree of what was handed in: what it must use and must not."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

import msgspec

from jinbang.judge.checkers.base import Capability, Checker, Evidence, Finding, Need, part, right, text_of, wrong
from jinbang.judge.package import TaskPackage

SOURCE_MAX = 1 << 20
CONSTRUCTS: dict[str, tuple[type[ast.AST], ...]] = {
    "for": (ast.For, ast.AsyncFor),
    "while": (ast.While,),
    "with": (ast.With, ast.AsyncWith),
    "try": (ast.Try,),
    "raise": (ast.Raise,),
    "class": (ast.ClassDef,),
    "function": (ast.FunctionDef, ast.AsyncFunctionDef),
    "lambda": (ast.Lambda,),
    "yield": (ast.Yield, ast.YieldFrom),
    "comprehension": (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    "global": (ast.Global,),
    "fstring": (ast.JoinedStr,),
}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`files` default to every Python file handed in. Imports and calls are dotted names, aliases seen through.

    Each `must_*` entry counts the same; an entry of `must_not_*` that is found costs all points of the test.
    `must_define` holds functions and classes (`Stock`, `Stock.take`).
    """

    files: list[str] = []
    must_import: list[str] = []
    must_call: list[str] = []
    must_define: list[str] = []
    must_use: list[str] = []
    must_not_import: list[str] = []
    must_not_call: list[str] = []
    must_not_use: list[str] = []


class _Facts:
    """What the trees contain."""

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.calls: set[str] = set()
        self.defined: set[str] = set()
        self.used: set[str] = set()


def check(evidence: Evidence, options: Options) -> Finding:
    """Hold the rules against the trees."""
    facts = _Facts()
    names = options.files or sorted(name for name in evidence.submission if name.endswith(".py"))
    for name in names:
        if name not in evidence.submission:
            return wrong(f"没有提交 {name}")
        tree = _parse(evidence.submission[name], name)
        if isinstance(tree, str):
            return wrong(tree)
        _collect(tree, facts)
    if breaches := sorted(_breaches(facts, options)):
        return wrong(f"使用了不允许的写法：{'、'.join(breaches)}")
    return _required(facts, options)


def _parse(data: bytes, name: str) -> ast.AST | str:
    """The tree, or what is wrong in the candidate's language. Nothing is compiled or run."""
    if len(data) > SOURCE_MAX:
        return f"{name} 过大"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text_of(data, name))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        return f"{name} 有语法错误" + (f"（第 {line} 行）" if line else "")
    except (RecursionError, MemoryError):
        return f"{name} 嵌套过深，无法解析"


def _collect(tree: ast.AST, facts: _Facts) -> None:
    aliases: dict[str, str] = {}
    nodes = list(ast.walk(tree))
    for node in nodes:
        for short, full in _imported(node):
            aliases[short] = full
            facts.imports |= set(_prefixes(full))
    for node in nodes:
        facts.used |= {word for word, kinds in CONSTRUCTS.items() if isinstance(node, kinds)}
        if isinstance(node, ast.Call) and (name := _dotted(node.func)):
            facts.calls |= set(_call_names(name, aliases))
        facts.used |= {"decorator"} if getattr(node, "decorator_list", None) else set()
        facts.defined |= set(_defined(node))


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for item in node.names:
            yield item.asname or item.name.split(".")[0], item.name if item.asname else item.name.split(".")[0]
            yield item.name, item.name
    elif isinstance(node, ast.ImportFrom) and node.module:
        for item in node.names:
            yield item.asname or item.name, f"{node.module}.{item.name}"


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def _dotted(node: ast.AST) -> str | None:
    """`a.b.c` of the attribute chain; `.c` where the chain starts at an expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return ".".join([node.id, *reversed(parts)])
    return "." + parts[0] if parts else None


def _call_names(name: str, aliases: dict[str, str]) -> Iterator[str]:
    """The full name, and `.method` alone for calls on objects whose type the tree does not tell."""
    first, _, rest = name.partition(".")
    full = aliases.get(first, first)
    yield f"{full}.{rest}" if rest else full
    if "." in name:
        yield "." + name.rsplit(".", 1)[1]


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{node.name}.{inner.name}"


def _breaches(facts: _Facts, options: Options) -> Iterator[str]:
    yield from (f"导入 {name}" for name in options.must_not_import if name in facts.imports)
    yield from (f"调用 {name}" for name in options.must_not_call if name in facts.calls)
    yield from (name for name in options.must_not_use if name in facts.used)


def _required(facts: _Facts, options: Options) -> Finding:
    missing = [f"导入 {name}" for name in options.must_import if name not in facts.imports]
    missing += [f"调用 {name}" for name in options.must_call if name not in facts.calls]
    missing += [f"定义 {name}" for name in options.must_define if name not in facts.defined]
    missing += [f"使用 {name}" for name in options.must_use if name not in facts.used]
    total = sum(map(len, (options.must_import, options.must_call, options.must_define, options.must_use)))
    if not missing:
        return right("符合代码要求")
    return part(total - len(missing), total, f"代码要求，缺少{'、'.join(missing)}")


def lint(task: TaskPackage, options: Options) -> list[str]:
    """Constructs that this checker does not know."""
    known = {*CONSTRUCTS, "decorator"}
    return [f"不认识的语法结构 {word}" for word in (*options.must_use, *options.must_not_use) if word not in known]


CHECKER = Checker(
    "source",
    Capability("源代码规则", "在语法树上检查必须与不得使用的导入、调用、定义和语法结构", frozenset({Need.SOURCE})),
    Options,
    check,
    lint,
)
