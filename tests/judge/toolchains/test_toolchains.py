"""Profiles are readable data, toolchains are built once, hashed by content, and say what is really in them."""

import json
import subprocess
from pathlib import Path

import pytest

from jinbang.judge.toolchains import (
    BuildError,
    NotPreparedError,
    interpreters,
    load,
    main_prepare,
    prepare,
    prepared,
    profile,
    profiles,
    with_digest,
)
from jinbang.judge.toolchains.digest import digest, installed


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JINBANG_TOOLCHAINS", str(tmp_path))
    return tmp_path


def test_every_profile_reads_and_pins_exactly():
    assert {"basic", "basic-web", "modern", "elementary-2021", "intermediate-2021", "advanced-2021"} <= set(profiles())
    for name in profiles():
        assert all("==" in pin for pin in profile(name).pins), name
        assert not any("//" in line or "index" in line for line in profile(name).text.decode().splitlines()), name


def test_the_2021_lists_hold_the_published_versions():
    elementary, advanced = profile("elementary-2021").pins, profile("advanced-2021").pins
    assert set(elementary) == {"requests==2.26.0", "lxml==4.6.3"}
    assert {"PyMySQL==1.0.2", "pymongo==3.11.4", "redis==3.5.3", "Scrapy==2.5.0", "seaborn==0.11.0"} <= set(advanced)


def test_basic_is_an_interpreter_and_nothing_else(own_folder: Path):
    built = prepare("basic", say=lambda _: None)
    assert built.installed == ()
    assert built.python.is_relative_to(own_folder)
    assert any(built.python.resolve().is_relative_to(root) for root in built.roots)
    out = subprocess.run([built.python, "-c", "import pip"], capture_output=True, text=True, check=False)
    assert "No module named 'pip'" in out.stderr


def test_building_again_changes_nothing_and_elsewhere_gives_the_same_digest(
    own_folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    first = prepare("basic", say=lambda _: None)
    said: list[str] = []
    assert prepare("basic", say=said.append) == first
    assert said == []
    monkeypatch.setenv("JINBANG_TOOLCHAINS", str(tmp_path_factory.mktemp("elsewhere")))
    second = prepare("basic", say=lambda _: None)
    assert second.digest == first.digest
    assert second.python != first.python


def test_an_interrupted_build_is_taken_up_again(own_folder: Path):
    built = prepare("basic", say=lambda _: None)
    record = built.python.parents[2] / "toolchain.json"
    record.unlink()
    with pytest.raises(NotPreparedError, match="jinbang judge prepare basic"):
        load("basic")
    assert prepare("basic", say=lambda _: None) == built


def test_the_digest_follows_what_is_installed_and_not_where(own_folder: Path):
    built = prepare("basic", say=lambda _: None)
    base = interpreters.find(("running",))
    assert base is not None
    (built.site / "extra.py").write_text("x = 1\n")
    changed = digest(base, built.site)
    assert changed != built.digest
    (built.site / "__pycache__").mkdir()
    (built.site / "__pycache__" / "extra.pyc").write_bytes(b"byte code says nothing")
    assert digest(base, built.site) == changed


def test_what_is_installed_is_read_from_the_disk(basic_web):
    assert "requests 2.34.2" in basic_web.installed
    assert basic_web.has("lxml")
    assert not basic_web.has("pip")
    assert installed(basic_web.site) == basic_web.installed
    assert with_digest(basic_web.digest) == basic_web
    assert prepared()["basic-web"] == basic_web


def test_a_missing_interpreter_is_named(own_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(interpreters, "_candidates", lambda _: iter([Path("/nonexistent/python")]))
    with pytest.raises(BuildError, match=r"no Python 3.7 or 3.8 or 3.9 on this machine.*JINBANG_PYTHONS"):
        prepare("elementary-2021", say=lambda _: None)


def test_a_failed_installation_says_where_and_why(own_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(own_folder))
    with pytest.raises(BuildError, match=r"(?s)installing packages failed.*build.log.*requests"):
        prepare("basic-web", say=lambda _: None)
    with pytest.raises(NotPreparedError):
        load("basic-web")


def test_the_command_prints_what_is_there(own_folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main_prepare(["basic", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert shown == {"basic": {"digest": load("basic").digest, "python": load("basic").version, "installed": []}}
    assert main_prepare(["no-such-profile"]) == 1
    assert "there are: advanced-2021" in capsys.readouterr().err
    assert main_prepare([]) == 0
    assert "modern: not built" in capsys.readouterr().out


def test_profiles_and_toolchains_of_unknown_names_are_refused():
    with pytest.raises(KeyError, match="no toolchain profile 'nope'"):
        load("nope")
    with pytest.raises(NotPreparedError, match="no toolchain with digest"):
        with_digest("0" * 64)
