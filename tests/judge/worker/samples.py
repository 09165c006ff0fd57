"""The smallest task there is, and submissions for it."""

from jinbang.judge.package import parse, to_zip

MANIFEST = """
schema = 1
slug = "two-lines"
title = "两行"
level = "elementary"
skills = ["J1"]
minutes = 5
deliverables = [{ name = "main.py" }]
toolchain = { profile = "basic" }
runs = [{ id = "r", stdin = "in.txt" }]

[limits]
wall_s = 20
cpu_s = 10

[[tests]]
id = "t"
title = "输出"
points = 10
visible = true
run = "r"
checker = "stdout"
options = { expected = "want.txt" }
"""
FILES = {
    "task.toml": MANIFEST.encode(),
    "statement.md": "读入一行，输出两遍。".encode(),
    "in.txt": b"ab\n",
    "want.txt": b"ab\nab\n",
    "reference/main.py": b"s = input()\nprint(s)\nprint(s)\n",
}
RIGHT = {"main.py": FILES["reference/main.py"]}
WRONG = {"main.py": b"print(input())\n"}
SLOW = {"main.py": b"import time\ntime.sleep(1.5)\ns = input()\nprint(s)\nprint(s)\n"}


def task() -> tuple[str, bytes]:
    """Digest and zip."""
    return parse(FILES).digest, to_zip(FILES)
