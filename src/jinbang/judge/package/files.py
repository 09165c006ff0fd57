"""A package's bytes: read from a folder, carried as a zip, named by a digest."""

from pathlib import Path

from jinbang.judge.package.errors import PackageError, Problem
from jinbang.judge.package.model import TaskPackage, parse
from jinbang.judge.protocol import files_digest, pack_files
from jinbang.judge.uploads import Bounds, UploadError, unpack

PACKAGE_BOUNDS = Bounds(files=2000, file_bytes=64 << 20, total_bytes=256 << 20, archive_bytes=64 << 20)
_LEFT_OUT = {"__pycache__", ".git", ".DS_Store", ".pytest_cache", ".ruff_cache"}
content_digest = files_digest
to_zip = pack_files  # the same bytes on every machine


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every regular file below `folder` by its relative POSIX name; caches left out, links are an error."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _LEFT_OUT.intersection(name.split("/")):
            continue
        if path.is_symlink():
            raise PackageError([Problem(name, "", "是符号链接", "请换成文件本身")])
        if path.is_file():
            found[name] = path.read_bytes()
    return found


def load_folder(folder: Path) -> TaskPackage:
    """The task in `folder`. Raises PackageError."""
    if not folder.is_dir():
        raise PackageError([Problem(str(folder), "", "文件夹不存在", "请给出试题包所在的文件夹")])
    return parse(read_folder(folder))


def load_zip(data: bytes) -> TaskPackage:
    """The task in a zip made by `to_zip` (or by hand). Raises PackageError."""
    try:
        files = unpack(data, bounds=PACKAGE_BOUNDS)
    except UploadError as error:
        raise PackageError([Problem("zip", "", str(error), "请重新打包")]) from error
    return parse(files)
