"""The command line: exit status 0, 1 or 2, and with --json one object on the last line."""

import json
import zipfile
from pathlib import Path

import pytest
from tests.judge.helpers import MANIFEST, small_task

from jinbang.judge.cli import TASKS, main
from jinbang.judge.package import load_zip, to_zip
from jinbang.judge.sandbox import SandboxError, require, rooms
from jinbang.judge.toolchains import Toolchain


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def last(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.fixture
def task(tmp_path: Path) -> Path:
    return write(tmp_path / "task", dict(small_task().files))


@pytest.mark.sandbox
def test_run_takes_folders_zips_and_single_files(
    task: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], basic: Toolchain
) -> None:
    zipped = tmp_path / "task.zip"
    zipped.write_bytes(to_zip(dict(small_task().files)))
    answer = tmp_path / "answer.zip"
    with zipfile.ZipFile(answer, "w") as archive:
        archive.writestr("main.py", "print(sum(map(int, input().split())))")
    assert main(["run", str(zipped), str(answer), "--json"]) == 0
    found = last(capsys)
    assert (found["ok"], found["outcome"], found["points"]) == (True, "accepted", "100")
    assert main(["run", str(task), str(task / "reference" / "main.py")]) == 0
    assert capsys.readouterr().out.startswith("accepted  100.00/100 分\n")
    (tmp_path / "bad.py").write_text("print(3)")
    assert main(["run", str(task), str(tmp_path / "bad.py"), "--json"]) == 1
    assert last(capsys)["points"] == "0"


@pytest.mark.sandbox
def test_lint_tells_a_wrong_solution_that_gets_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], basic: Toolchain
) -> None:
    wrong = (
        '\n[[wrong]]\nname = "four"\nfolder = "wrong/four"\nwhy = "x"\noutcome = "wrong"\npoints = 0\n'
        'cases = { source = "wrong" }\n'
    )
    files = dict(small_task(MANIFEST + wrong, wrong__four__main_dot_py=b"print(4, input)").files)
    assert main(["lint", str(write(tmp_path / "a", files)), "--json"]) == 0
    assert last(capsys) == {"ok": True, "problems": [], "judged": 3}
    files["wrong/four/main.py"] = b"input()\nprint(3)"
    assert main(["lint", str(write(tmp_path / "b", files)), "--json"]) == 1
    problems = last(capsys)["problems"]
    assert isinstance(problems, list)
    assert [problem.split("（")[0] for problem in problems] == [
        "four 应得 wrong，实得 accepted",
        "four 应得 0 分，实得 100.00 分",
        "four 的测试点 source 应为 wrong，实为 accepted",
    ]


def test_lint_without_running_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str], basic: Toolchain) -> None:
    bent = MANIFEST.replace('must_call = ["input"]', 'must_use = ["goto"]')
    assert main(["lint", str(write(tmp_path / "t", dict(small_task(bent).files))), "--json"]) == 1
    assert last(capsys) == {"ok": False, "problems": ["测试点 source：不认识的语法结构 goto"], "judged": 0}


def test_what_cannot_be_tried_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(tmp_path / "none"), "x", "--json"]) == 2
    assert last(capsys)["ok"] is False
    assert main(["run", "j1-warehouse", str(tmp_path / "none.py"), "--json"]) == 2
    assert "找不到答案" in str(last(capsys)["error"])
    reference = str(TASKS / "j1-warehouse/reference")
    assert main(["run", "j1-warehouse", reference, "--toolchain", "nope", "--json"]) == 2
    assert "no toolchain profile 'nope'" in str(last(capsys)["error"])
    assert main(["variant", "j1-warehouse", str(tmp_path / "v.zip"), "--seed", "s", "--json"]) == 2
    assert "没有变式参数" in str(last(capsys)["error"])
    assert main(["variant", "j2-scores", str(tmp_path / "none/v.zip"), "--seed", "s", "--json"]) == 2
    assert "不能写入" in str(last(capsys)["error"])


def test_similarity_lists_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = (TASKS / "j1-warehouse/reference/warehouse.py").read_bytes()
    write(tmp_path, {"a/main.py": source, "b/main.py": source.replace(b"sku", b"bianhao"), "c.py": b"print(1)"})
    assert main(["similarity", str(tmp_path), "--json"]) == 0
    found = last(capsys)
    assert found["submissions"] == 3
    pairs = found["pairs"]
    assert isinstance(pairs, list)
    assert [(pair["first"], pair["second"], pair["score"]) for pair in pairs] == [("a", "b", 1.0)]


def test_variant_writes_a_package_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    varied = MANIFEST + '\n[variants]\nfiles = ["statement.md"]\nparameters = { n = { low = 3, high = 3 } }\n'
    folder = write(tmp_path / "t", dict(small_task(varied, statement_dot_md=b"# {{n}}\n").files))
    assert main(["variant", str(folder), str(tmp_path / "v.zip"), "--seed", "s", "--json"]) == 0
    made = load_zip((tmp_path / "v.zip").read_bytes())
    assert last(capsys) == {"ok": True, "digest": made.digest, "values": {"n": "3"}}
    assert made.text("statement.md") == "# 3\n"


@pytest.mark.sandbox
@pytest.mark.parametrize("command", ["run", "lint"])
def test_a_host_without_walls_judges_nothing(
    command: str,
    task: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    basic: Toolchain,
) -> None:
    def nowhere() -> str:
        raise SandboxError("bubblewrap is not installed")

    monkeypatch.setattr(rooms, "find_bwrap", nowhere)
    require.cache_clear()
    request.addfinalizer(require.cache_clear)
    answer = [str(task / "reference")] if command == "run" else []
    assert main([command, str(task), *answer, "--json"]) == 3
    found = last(capsys)
    assert found["ok"] is False
    assert "拒绝评测" in str(found["error"])
    assert "bubblewrap is not installed" in str(found["error"])
