"""The step between the judge and bubblewrap: stdlib only, replaced by bubblewrap.

Bubblewrap inherits what is set up here: as root a user namespace whose ids are real unprivileged ones and a stage
where folders under /root can be reached by them; for a companion the network namespace of its box.

Every companion waits for it, so it imports next to nothing. `main` is given: `bwrap` path; `args`, where {"source":
path} stands for a host path, {"seed": path} for a copy of that folder in memory (at most `seed_mb` together) and
{"data": text} for a file made of that text; `ids` [[inside, outside, count], …] or None; `uid` to become or None;
`join` [user fd or None, net fd] or None; `data_mb` a limit on private memory or None.
"""

from __future__ import annotations

import os
import resource

from . import linux

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    from typing import Any

_TOP = "/mnt"
_SEED = "seed "


def main(config: dict[str, Any]) -> None:
    """Never returns."""
    bwrap = os.open(config["bwrap"], os.O_RDONLY)
    root = os.geteuid() == 0
    _first_to_go()
    if config["join"]:
        _join(*config["join"])
    marked = [arg for arg in config["args"] if isinstance(arg, dict)]
    sources = [arg["source"] for arg in marked if "source" in arg]
    seeds = [arg["seed"] for arg in marked if "seed" in arg]
    stage: dict[str, str] = {}
    if root or seeds:
        top = _own_folder(config["seed_mb"])
        stage = _copies(top, seeds, config["uid"]) | (_stage(top, sources) if root else {})
    args = [_plain(arg, stage) for arg in config["args"]]
    if root:
        os.setgroups([])
    if config["uid"] is not None:
        os.setresgid(*[config["uid"]] * 3)
        os.setresuid(*[config["uid"]] * 3)
    if config["ids"]:
        _own_user_namespace(config["ids"])
    if config["data_mb"]:
        resource.setrlimit(resource.RLIMIT_DATA, (config["data_mb"] << 20,) * 2)
    os.execve(bwrap, ["bwrap", *args], {})


def _first_to_go() -> None:
    """When the host runs out of memory; as root this is also the least that anyone after us can set it back to."""
    with open("/proc/self/oom_score_adj", "w") as handle:
        handle.write("500")


def _join(user: int | None, net: int) -> None:
    if user is not None:
        linux.setns(user, linux.NEWUSER)
    linux.setns(net, linux.NEWNET)


def _plain(arg: Any, stage: dict[str, str]) -> str:
    if isinstance(arg, str):
        return arg
    if "data" in arg:
        return str(_file_of(arg["data"]))
    if "seed" in arg:
        return stage[_SEED + arg["seed"]]
    return stage.get(arg["source"], str(arg["source"]))


def _file_of(text: str) -> int:
    fd = os.memfd_create("data", 0)
    os.write(fd, text.encode())
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _own_folder(size_mb: int) -> str:
    """A folder in memory that nobody else sees: in a mount namespace of our own, over one that is there anyway."""
    linux.unshare(linux.NEWNS)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", _TOP, "tmpfs", data=f"mode=755,size={size_mb + 1}m")
    return _TOP


def _copies(top: str, seeds: list[str], uid: int | None) -> dict[str, str]:
    """A copy of each seed for the companion to write in; what it writes cannot outgrow the folder."""
    import shutil  # only companions with a seed pay for it

    stage = {}
    for number, seed in enumerate(seeds):
        stage[_SEED + seed] = copy = os.path.join(top, f"seed{number}")
        shutil.copytree(seed, copy, symlinks=True)
        if uid is not None:
            for parent, _, names in os.walk(copy):
                for path in (parent, *(os.path.join(parent, name) for name in names)):
                    os.chown(path, uid, uid, follow_symlinks=False)
    return stage


def _stage(top: str, sources: list[str]) -> dict[str, str]:
    """Each source also under a path that anyone may walk."""
    opened = {source: os.open(source, os.O_PATH) for source in sources}
    stage = {}
    for number, (source, fd) in enumerate(opened.items()):
        stage[source] = target = os.path.join(top, str(number))
        if os.path.isdir(f"/proc/self/fd/{fd}"):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT))
        linux.mount(f"/proc/self/fd/{fd}", target, flags=linux.MS_BIND | linux.MS_REC)
        os.close(fd)
    return stage


def _own_user_namespace(ids: list[list[int]]) -> None:
    """A child that stays outside writes the maps: only there it has the right to name several ids."""
    ready, go = os.pipe()
    writer = os.fork()
    if writer == 0:
        os.read(ready, 1)
        text = "".join(f"{inside} {outside} {count}\n" for inside, outside, count in ids)
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{os.getppid()}/{name}", "w") as handle:
                handle.write(text)
        os._exit(0)
    linux.unshare(linux.NEWUSER)
    os.write(go, b"1")
    if os.waitpid(writer, 0)[1]:
        raise OSError("cannot map ids")
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    os.close(ready)
    os.close(go)
