"""Task packages: a folder (or its zip) with everything a practical task needs, from statement to tests.

The theory: a package is nothing but its files. `TaskPackage.digest` is the digest of those files, so a
verdict names exactly what was judged; a variant drawn from parameters and a seed is another set of files with
its own digest.
"""

from jinbang.judge.package.errors import PackageError, Problem
from jinbang.judge.package.files import content_digest, load_folder, load_zip, read_folder, to_zip
from jinbang.judge.package.model import TaskPackage, parse
from jinbang.judge.package.variants import draw, is_template, variant

__all__ = [
    "PackageError",
    "Problem",
    "TaskPackage",
    "content_digest",
    "draw",
    "is_template",
    "load_folder",
    "load_zip",
    "parse",
    "read_folder",
    "to_zip",
    "variant",
]
