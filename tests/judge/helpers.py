"""A small task in memory, to be bent by tests."""

from collections.abc import Mapping

from jinbang.judge.package import TaskPackage, parse

MANIFEST = """
schema = 1
slug = "two-sums"
title = "两数之和"
level = "elementary"
skills = ["J1.1"]
minutes = 10

[[deliverables]]
name = "main.py"

[toolchain]
profile = "basic"

[[runs]]
id = "one"
script = "main.py"
stdin = "tests/1.in"

[[tests]]
id = "one"
title = "样例"
points = 40
visible = true
run = "one"
checker = "stdout"
[tests.options]
expected = "tests/1.out"

[[tests]]
id = "source"
title = "代码"
points = 60
checker = "source"
[tests.options]
must_call = ["input"]
"""
FILES = {
    "statement.md": "# 两数之和\n".encode(),
    "tests/1.in": b"1 2\n",
    "tests/1.out": b"3\n",
    "reference/main.py": b"a, b = map(int, input().split())\nprint(a + b)\n",
}


def small_task(manifest: str = MANIFEST, **files: bytes) -> TaskPackage:
    """The task with that manifest; keyword files replace or add (`/` written as `__`, `.` as `_dot_`)."""
    more = {name.replace("__", "/").replace("_dot_", "."): data for name, data in files.items()}
    return parse({**FILES, **more, "task.toml": manifest.encode()})


def files_with(manifest: str, drop: str | None = None) -> Mapping[str, bytes]:
    """The package's files, perhaps without one."""
    return {name: data for name, data in {**FILES, "task.toml": manifest.encode()}.items() if name != drop}
