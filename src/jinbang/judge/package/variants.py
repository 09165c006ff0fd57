"""Many variants of one task: values drawn from a seed are written into its text files.

The draw is a pure function of (slug, seed, parameter) by SHA-256, so it is the same in every Python and in
every year.
"""

import fnmatch
import hashlib
import re
from collections.abc import Mapping

from jinbang.judge.package.errors import PackageError, Problem
from jinbang.judge.package.manifest import MANIFEST, Parameter, Variants
from jinbang.judge.package.model import TaskPackage, parse

_SLOT = re.compile(r"\{\{([A-Za-z_一-鿿][\w.]*)\}\}")


def draw(task: TaskPackage, seed: str) -> dict[str, str]:
    """The values of the variant `seed`; `name.key` for the keys of a choice that is a table."""
    if task.manifest.variants is None:
        return {}
    values: dict[str, str] = {}
    for name, parameter in task.manifest.variants.parameters.items():
        chosen = _choose(parameter, f"{task.slug}\0{seed}\0{name}")
        if isinstance(chosen, dict):
            values |= {f"{name}.{key}": str(value) for key, value in chosen.items()}
        else:
            values[name] = str(chosen)
    return values


def _choose(parameter: Parameter, key: str) -> str | int | dict[str, str | int]:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")
    if parameter.choices:
        return parameter.choices[number % len(parameter.choices)]
    if parameter.low is None or parameter.high is None or parameter.high < parameter.low:
        message = "参数既没有 choices，也没有有效的 low 与 high"
        raise PackageError([Problem(MANIFEST, "variants.parameters", message, "请给出其中一种")])
    return parameter.low + parameter.step * (number % ((parameter.high - parameter.low) // parameter.step + 1))


def variant(task: TaskPackage, seed: str) -> TaskPackage:
    """The task with the seed's values written in: a task of its own, with its own digest.

    A task without variants is returned as it is. Raises PackageError for a slot that no parameter fills.
    """
    if task.manifest.variants is None:
        return task
    return parse(_filled(task.files, task.manifest.variants, draw(task, seed)))


def is_template(task: TaskPackage) -> bool:
    """True if slots wait for values: such a package is the source of variants, and cannot be judged itself."""
    variants = task.manifest.variants
    if variants is None:
        return False
    return any(_SLOT.search(task.text(name)) for name in _varied(task.files, variants))


def _varied(files: Mapping[str, bytes], variants: Variants) -> set[str]:
    return {name for name in files if any(fnmatch.fnmatch(name, pattern) for pattern in variants.files)}


def _filled(files: Mapping[str, bytes], variants: Variants, values: Mapping[str, str]) -> dict[str, bytes]:
    chosen = _varied(files, variants)
    return {name: _fill(name, data, values) if name in chosen else data for name, data in files.items()}


def _fill(name: str, data: bytes, values: Mapping[str, str]) -> bytes:
    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            problem = Problem(name, found[0], "没有这个参数", "请在 variants.parameters 中定义")
            raise PackageError([problem])
        return values[found[1]]

    return _SLOT.sub(value, data.decode("utf-8")).encode("utf-8")
