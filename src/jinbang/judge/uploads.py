"""Taking in uploads: a zip or loose files become a mapping of safe names to bytes, or a refusal.

Nothing is ever written to disk here, so a path cannot escape; names are checked all the same, because the
mapping is later written into the sandbox. Sizes are counted while inflating, never believed from the header.
"""

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_CHUNK = 1 << 16
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|__pycache__/|\.idea/|\.vscode/)")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True)
class Bounds:
    """How much an upload may hold; sizes in bytes, `ratio` is unpacked to packed for one large member."""

    files: int = 200
    file_bytes: int = 8 << 20
    total_bytes: int = 32 << 20
    archive_bytes: int = 16 << 20
    name_bytes: int = 200
    depth: int = 8
    ratio: int = 200


class UploadError(Exception):
    """The upload is not taken; `str()` tells the candidate why and what to do, `code` tells programs."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def accept_files(files: Iterable[tuple[str, bytes]], *, bounds: Bounds = Bounds()) -> dict[str, bytes]:
    """Loose files as a mapping of safe names to bytes. Raises UploadError."""
    taken: dict[str, bytes] = {}
    for name, data in files:
        safe = safe_name(name, bounds)
        _refuse_double(safe, taken)
        _refuse_size(safe, len(data), sum(map(len, taken.values())), bounds)
        taken[safe] = data
        _refuse_count(len(taken), bounds)
    return taken


def unpack(data: bytes, *, bounds: Bounds = Bounds()) -> dict[str, bytes]:
    """The files of an uploaded zip by safe names; folders and the litter of editors and macOS are dropped.

    Raises UploadError for anything that is not a plain, modest archive of regular files.
    """
    if len(data) > bounds.archive_bytes:
        raise UploadError("too_large", f"压缩包超过 {_size(bounds.archive_bytes)}，请删去不需要的文件后重新上传")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _members(archive, bounds)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise UploadError("damaged", "文件不是有效的 zip 压缩包或已损坏，请重新压缩后上传") from error


def _members(archive: zipfile.ZipFile, bounds: Bounds) -> dict[str, bytes]:
    entries = archive.infolist()
    _refuse_count(len(entries), Bounds(files=bounds.files * 4))
    _refuse_overlap(entries)
    taken: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        name = _entry_name(entry)
        if name.endswith("/") or _JUNK.search(name):
            continue
        safe = safe_name(name, bounds)
        _refuse_kind(entry, safe)
        _refuse_double(safe, taken)
        taken[safe] = _inflate(archive, entry, safe, total, bounds)
        total += len(taken[safe])
        _refuse_count(len(taken), bounds)
    return taken


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: Windows in China writes GBK without saying so, zipfile reads CP437."""
    if entry.flag_bits & _UTF8_FLAG:
        return entry.orig_filename
    raw = entry.orig_filename.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UploadError("bad_name", "压缩包内有无法识别编码的文件名，请改用英文文件名后重新压缩")


def safe_name(name: str, bounds: Bounds = Bounds()) -> str:
    """The name in NFC with forward slashes, if it stays inside its folder and suits every system.

    Raises UploadError.
    """
    plain = unicodedata.normalize("NFC", name.replace("\\", "/"))
    shown = plain[:60]
    if not plain or any(unicodedata.category(char) in ("Cc", "Cs", "Cf") for char in plain):
        raise UploadError("bad_name", "有文件的名称为空或含有控制字符，请改名后重新上传")
    if plain.startswith("/") or re.match(r"[A-Za-z]:", plain):
        raise UploadError("absolute_path", f"文件名“{shown}”是绝对路径，请只压缩题目要求的文件")
    parts = plain.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise UploadError("path_escape", f"文件名“{shown}”含有 . 或 .. 等路径，请重新压缩")
    if any(_DEVICE.fullmatch(part) or part != part.rstrip(" .") for part in parts):
        raise UploadError("bad_name", f"文件名“{shown}”是系统保留名或以空格、句点结尾，请改名")
    if len(plain.encode()) > bounds.name_bytes or len(parts) > bounds.depth:
        raise UploadError("bad_name", f"文件名“{shown}”过长或文件夹层数过多，请改短")
    return plain


def _refuse_kind(entry: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.create_system == 3 and kind not in (0, stat.S_IFREG):
        raise UploadError("not_a_file", f"“{name}”是链接或设备而不是普通文件，请放入文件本身")
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise UploadError("encrypted", "压缩包设有密码，请去掉密码后重新上传")
    if entry.compress_type not in _METHODS:
        raise UploadError("method", "压缩方式不受支持，请用系统自带的“压缩为 zip”功能")


def _refuse_overlap(entries: list[zipfile.ZipInfo]) -> None:
    """Members that share bytes are how a small archive claims petabytes."""
    end = 0
    for entry in sorted(entries, key=lambda item: item.header_offset):
        if entry.header_offset < end:
            raise UploadError("bomb", "压缩包内的文件互相重叠，不予接收")
        end = entry.header_offset + 30 + entry.compress_size


def _refuse_double(name: str, taken: Mapping[str, bytes]) -> None:
    folded = name.casefold()
    for other in taken:
        known = other.casefold()
        if folded == known:
            raise UploadError("duplicate", f"文件“{name}”重复出现（不区分大小写），请只保留一个")
        if folded.startswith(known + "/") or known.startswith(folded + "/"):
            raise UploadError("duplicate", f"“{name}”与“{other}”既是文件又是文件夹，请改名")


def _refuse_count(count: int, bounds: Bounds) -> None:
    if count > bounds.files:
        raise UploadError("too_many", f"文件超过 {bounds.files} 个，请只交题目要求的文件")


def _refuse_size(name: str, size: int, before: int, bounds: Bounds) -> None:
    if size > bounds.file_bytes:
        raise UploadError("too_large", f"“{name}”超过 {_size(bounds.file_bytes)}，请压缩内容或删去")
    if before + size > bounds.total_bytes:
        raise UploadError("too_large", f"全部文件超过 {_size(bounds.total_bytes)}，请删去不需要的文件")


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, before: int, bounds: Bounds) -> bytes:
    """The member's bytes, counted as they come."""
    out = io.BytesIO()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            out.write(chunk)
            size = out.tell()
            _refuse_size(name, size, before, bounds)
            if size > (1 << 20) and size > bounds.ratio * max(entry.compress_size, 1):
                raise UploadError("bomb", f"“{name}”的压缩比异常，不予接收")
    return out.getvalue()


def _size(amount: int) -> str:
    return f"{amount >> 20} MB" if amount >= 1 << 20 else f"{amount >> 10} KB"
