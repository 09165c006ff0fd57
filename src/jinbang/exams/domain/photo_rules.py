"""What a candidate's photo must be, and the picture that is kept of it: made anew, so that nothing hides in it."""

from __future__ import annotations

import io
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files as package_files

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from jinbang.core.errors import Refusal


@dataclass(frozen=True)
class PhotoRules:
    """The numbers of ``exams/photo_rules.toml``: sizes in bytes and dots, ratios are width : height."""

    formats: tuple[str, ...]
    max_bytes: int
    min_width: int
    min_height: int
    max_side: int
    least_ratio: float
    greatest_ratio: float
    stored_width: int
    stored_height: int
    quality: int
    keep_days: int
    max_files: int
    max_zip_bytes: int


@lru_cache(maxsize=1)
def photo_rules() -> PhotoRules:
    """The rules in force."""
    text = (package_files("jinbang.exams") / "photo_rules.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    return PhotoRules(**{**values, "formats": tuple(values["formats"])})


def clean_photo(data: bytes, rules: PhotoRules) -> bytes:
    """``data`` as an upright JPEG without metadata, at most as large as the rules say.

    Refusals: ``photo_too_large``, ``photo_format``, ``photo_unreadable``, ``photo_small``, ``photo_shape``.
    """
    if len(data) > rules.max_bytes:
        raise Refusal("photo_too_large", _("照片超过 {most} MB，请压缩后再上传"), most=rules.max_bytes >> 20)
    picture = _upright(data, rules)
    width, height = picture.size
    if width < rules.min_width or height < rules.min_height:
        raise Refusal(
            "photo_small", _("照片只有 {width}×{height} 像素，至少需要 {least_width}×{least_height}"),
            width=width, height=height, least_width=rules.min_width, least_height=rules.min_height,
        )  # fmt: skip
    if not rules.least_ratio <= width / height <= rules.greatest_ratio:
        raise Refusal(
            "photo_shape", _("照片 {width}×{height} 的宽高比不符：请使用 5:7 至 3:4 的竖版证件照"),
            width=width, height=height,
        )  # fmt: skip
    picture.thumbnail((rules.stored_width, rules.stored_height), Image.Resampling.LANCZOS)
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=rules.quality, optimize=True)
    return kept.getvalue()


def _upright(data: bytes, rules: PhotoRules) -> Image.Image:
    """The bare dots, turned as the camera says, on white where the picture lets light through."""
    try:
        with Image.open(io.BytesIO(data), formats=None) as found:
            if found.format not in rules.formats:
                raise Refusal("photo_format", _("照片须为 JPEG 或 PNG 格式"))
            if max(found.size) > rules.max_side:
                raise Refusal("photo_too_large", _("照片的边长超过 {most} 像素，请缩小后再上传"), most=rules.max_side)
            turned = ImageOps.exif_transpose(found).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise Refusal("photo_unreadable", _("文件不是可读取的照片，请重新导出为 JPEG")) from fault
    ground = Image.new("RGB", turned.size, "white")
    ground.paste(turned, mask=turned.getchannel("A"))
    return ground
