"""What a program runs on: profiles are data (`*.toml` here), toolchains are profiles built on this machine.

`load("modern")` gives the interpreter, the folders the sandbox must show, the list of what is really
installed, and the digest that goes into every verdict. `prepare("modern")` builds it, under
`$JINBANG_DATA/toolchains`.
"""

from jinbang.judge.toolchains.build import BuildError, prepare
from jinbang.judge.toolchains.command import main_prepare
from jinbang.judge.toolchains.profile import Profile, profile, profiles
from jinbang.judge.toolchains.store import NotPreparedError, Toolchain, data_dir, load, prepared, with_digest

__all__ = [
    "BuildError",
    "NotPreparedError",
    "Profile",
    "Toolchain",
    "data_dir",
    "load",
    "main_prepare",
    "prepare",
    "prepared",
    "profile",
    "profiles",
    "with_digest",
]
