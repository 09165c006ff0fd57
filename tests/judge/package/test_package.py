"""Packages: what is wrong is named with file, field and remedy; digests and zips are the same everywhere."""

from pathlib import Path

import pytest
from tests.judge.helpers import FILES, MANIFEST, files_with, small_task

from jinbang.judge.package import PackageError, load_folder, load_zip, parse, read_folder, to_zip


def problems(manifest: str, drop: str | None = None) -> list[tuple[str, str]]:
    with pytest.raises(PackageError) as caught:
        parse(files_with(manifest, drop))
    assert all(problem.remedy for problem in caught.value.problems)
    return [(problem.file, problem.field) for problem in caught.value.problems]


def test_a_sound_package_is_read() -> None:
    task = small_task()
    assert task.slug == "two-sums"
    assert task.manifest.points == 100
    assert task.reference == {"main.py": FILES["reference/main.py"]}
    assert task.manifest.run("one").stdin == "tests/1.in"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("schema = 1", "schema = 9", ("task.toml", "schema")),
        ('slug = "two-sums"', 'slug = "Two Sums"', ("task.toml", "slug")),
        ("minutes = 10", 'minutes = "ten"', ("task.toml", "minutes")),
        ("minutes = 10", "minutes = 0", ("task.toml", "minutes")),
        ("minutes = 10", "minutes = 10\nminuets = 1", ("task.toml", "")),
        ('level = "elementary"', 'level = "easy"', ("task.toml", "level")),
        ("points = 40", "points = -1", ("task.toml", "tests[0].points")),
        ("points = 40", 'points = "many"', ("task.toml", "tests[0].points")),
        ('run = "one"', 'run = "two"', ("task.toml", "tests[0].run")),
        ('stdin = "tests/1.in"', 'stdin = "tests/9.in"', ("task.toml", "runs[0].stdin")),
        ('script = "main.py"', 'script = "main.sh"', ("task.toml", "runs[0].script")),
        ('script = "main.py"', 'kind = "calls"', ("task.toml", "runs[0].cases")),
        ('id = "source"', 'id = "one"', ("task.toml", "tests")),
        ('title = "代码"', 'title = "样例"', ("task.toml", "tests")),
        ("schema = 1", "schema = ", ("task.toml", "")),
    ],
)
def test_faults_are_named(old: str, new: str, where: tuple[str, str]) -> None:
    assert problems(MANIFEST.replace(old, new, 1)) == [where]


def test_missing_files_are_named() -> None:
    assert problems(MANIFEST, "statement.md") == [("task.toml", "statement")]
    assert problems(MANIFEST, "task.toml") == [("task.toml", "")]
    assert problems(MANIFEST, "reference/main.py") == [("task.toml", "reference"), ("reference", "")]


def test_every_fault_is_reported_at_once() -> None:
    bent = MANIFEST.replace("minutes = 10", "minutes = 0").replace('run = "one"', 'run = "x"')
    assert problems(bent) == [("task.toml", "minutes"), ("task.toml", "tests[0].run")]


def test_the_digest_is_of_the_files_and_nothing_else(tmp_path: Path) -> None:
    task = small_task()
    for name, data in task.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert load_folder(tmp_path).digest == task.digest == load_zip(to_zip(task.files)).digest
    assert task.digest == "d0801c0e674752815f27533111bdba4c0c73f2c5a7eefad753ae40c3616b2c15"
    assert small_task(tests__1_dot_out=b"4\n").digest != task.digest


def test_links_are_no_part_of_a_package(tmp_path: Path) -> None:
    (tmp_path / "task.toml").symlink_to("/etc/passwd")
    with pytest.raises(PackageError, match="符号链接"):
        read_folder(tmp_path)


WRONG = '\n[[wrong]]\nname = "four"\nwhy = "x"\noutcome = "wrong"\npoints = 0\n'
EDIT = '[[wrong.edits]]\nfile = "main.py"\nold = "a + b"\nnew = "a - b"\n'


def test_a_wrong_solution_is_the_reference_with_edits_or_a_folder() -> None:
    edited = small_task(MANIFEST + WRONG + EDIT)
    reference = edited.reference["main.py"]
    assert reference.count(b"a + b") == 1
    assert edited.wrong(edited.manifest.wrong[0]) == {"main.py": reference.replace(b"a + b", b"a - b")}
    apart = small_task(MANIFEST + WRONG + 'folder = "wrong/four"\n', wrong__four__main_dot_py=b"print(4)")
    assert apart.wrong(apart.manifest.wrong[0]) == {"main.py": b"print(4)"}


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (WRONG, "wrong[0]"),
        (WRONG + 'folder = "reference"\n' + EDIT, "wrong[0]"),
        (WRONG + EDIT.replace('"a + b"', '"nowhere"'), "wrong[0].edits[0].old"),
        (WRONG + EDIT.replace('"a + b"', '"i"'), "wrong[0].edits[0].old"),
        (WRONG + EDIT.replace('"main.py"', '"other.py"'), "wrong[0].edits[0].old"),
        (WRONG + EDIT + WRONG + EDIT, "wrong"),
        (WRONG + 'cases = { nothing = "wrong" }\n' + EDIT, "wrong[0].cases"),
    ],
)
def test_an_edit_must_name_one_place(wrong: str, where: str) -> None:
    assert problems(MANIFEST + wrong) == [("task.toml", where)]
