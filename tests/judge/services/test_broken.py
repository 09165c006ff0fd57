"""A program that breaks its database gets a mark for it; what is not installed here gets nobody one."""

import pytest

from jinbang.judge import equipment
from jinbang.judge.package import parse
from jinbang.judge.runner import UnjudgedError, judge
from jinbang.judge.toolchains import Toolchain
from jinbang.judge.verdict import Outcome

pytestmark = [pytest.mark.sandbox, pytest.mark.services]
MANIFEST = """
schema = 1
slug = "one-key"
title = "一个键"
level = "intermediate"
skills = ["M2"]
minutes = 5
deliverables = [{ name = "main.py" }]
toolchain = { profile = "modern" }
services = [{ kind = "redis" }]
runs = [{ id = "r" }]
limits = { wall_s = 30, cpu_s = 20 }

[[tests]]
id = "t"
title = "键"
points = 10
run = "r"
checker = "redis"
options = { keys = [{ key = "a", type = "string", value = "1" }] }
"""
RIGHT = {"main.py": b"import redis\nredis.Redis().set('a', 1)\n"}
FLOOD = {"main.py": b"import redis\nredis.Redis().mset({f'k{n}': n for n in range(20001)} | {'a': 1})\n"}
TASK = {
    "task.toml": MANIFEST.encode(),
    "statement.md": "把键 a 设为 1。".encode(),
    "reference/main.py": RIGHT["main.py"],
}


def test_a_server_that_cannot_be_read_any_more_is_the_programs_doing(modern: Toolchain):
    task = parse(TASK)
    assert judge(task, RIGHT, toolchain=modern).verdict.outcome is Outcome.ACCEPTED
    verdict = judge(task, FLOOD, toolchain=modern).verdict
    assert verdict.outcome is Outcome.WRONG
    assert verdict.cases[0].message == "程序结束后 redis 服务已无法读取"


def test_without_a_browser_a_task_that_drives_one_is_not_judged(basic: Toolchain, monkeypatch: pytest.MonkeyPatch):
    manifest = MANIFEST.replace('services = [{ kind = "redis" }]', "").replace('"modern"', '"basic", browser = true')
    task = parse(TASK | {"task.toml": manifest.encode()})
    monkeypatch.setattr(equipment, "_BROWSER", {"no-such-chromium": "chromium"})
    with pytest.raises(UnjudgedError, match="install chromium") as raised:
        judge(task, RIGHT, toolchain=basic)
    assert raised.value.outcome is Outcome.SERVICE_UNAVAILABLE
