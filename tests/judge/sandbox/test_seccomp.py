"""The filter, run here by a small interpreter of classic BPF: both architectures, without a kernel."""

from __future__ import annotations

import errno
import struct

import pytest

from jinbang.judge.sandbox import seccomp

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {  # a sample, from the kernel's own tables
    "x86_64": {"read": 0, "mmap": 9, "socket": 41, "clone": 56, "ptrace": 101, "mount": 165, "unshare": 272,
               "io_uring_setup": 425, "clone3": 435, "prlimit64": 302, "memfd_create": 319, "execve": 59},
    "aarch64": {"read": 63, "mmap": 222, "socket": 198, "clone": 220, "ptrace": 117, "mount": 40, "unshare": 97,
                "io_uring_setup": 425, "clone3": 435, "prlimit64": 261, "memfd_create": 279, "execve": 221},
}  # fmt: skip


def verdict(program: bytes, architecture: int, number: int, *args: int) -> int:
    """What the kernel would do with this call."""
    data = struct.pack("=iIQ6Q", number, architecture, 0, *args, *[0] * (6 - len(args)))
    code = [struct.unpack_from("HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator = at = 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        if operation == 0x06:
            return value
        if operation == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif operation == 0x54:
            accumulator &= value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
            at += if_true if holds[operation] else if_false


@pytest.fixture(params=ARCHITECTURES)
def machine(request):
    return request.param


def decide(machine, name, *args, browser=False):
    program = seccomp.browser(machine) if browser else seccomp.strict(machine)
    return verdict(program, ARCHITECTURES[machine], NUMBERS[machine][name], *args)


def refused(number: int) -> int:
    return seccomp.ERRNO | number


@pytest.mark.parametrize("name", ["read", "execve"])
def test_ordinary_calls_pass(machine, name):
    assert decide(machine, name) == seccomp.ALLOW


@pytest.mark.parametrize("name", ["ptrace", "mount"])
def test_attacks_end_the_program(machine, name):
    assert decide(machine, name) == seccomp.KILL


@pytest.mark.parametrize("flag", [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
@pytest.mark.parametrize("name", ["clone", "unshare"])
def test_no_new_namespace(machine, name, flag):
    assert decide(machine, name, flag | 17) == seccomp.KILL


@pytest.mark.parametrize("flags", [17, 0x3D0F00, 0x01200011])
def test_processes_and_threads_are_made(machine, flags):
    assert decide(machine, "clone", flags) == seccomp.ALLOW


def test_polite_refusals(machine):
    assert decide(machine, "clone3") == refused(errno.ENOSYS)
    assert decide(machine, "io_uring_setup") == refused(errno.ENOSYS)
    assert decide(machine, "memfd_create") == refused(errno.EPERM)
    assert decide(machine, "memfd_create", browser=True) == seccomp.ALLOW


def test_limits_of_others_stay(machine):
    assert decide(machine, "prlimit64", 0) == seccomp.ALLOW
    assert decide(machine, "prlimit64", 1) == refused(errno.EPERM)


@pytest.mark.parametrize(
    ("family", "passes"), [(1, True), (2, True), (10, True), (16, True), (17, False), (38, False), (40, False)]
)
def test_families_of_sockets(machine, family, passes):
    assert decide(machine, "socket", family) == (seccomp.ALLOW if passes else refused(errno.EAFNOSUPPORT))


@pytest.mark.parametrize(
    ("flags", "passes"), [(0x02, True), (0x22, True), (0x01, True), (0x21, False), (0x4021, False)]
)
def test_no_shared_anonymous_memory(machine, flags, passes):
    assert decide(machine, "mmap", 0, 4096, 3, flags) == (seccomp.ALLOW if passes else refused(errno.EPERM))
    assert decide(machine, "mmap", 0, 4096, 3, flags, browser=True) == seccomp.ALLOW


def test_another_architecture_ends_the_program(machine):
    program = seccomp.strict(machine)
    for foreign in (0x40000003, 0x40000028, *set(ARCHITECTURES.values()) - {ARCHITECTURES[machine]}):
        assert verdict(program, foreign, 20) == seccomp.KILL


def test_x32_ends_the_program():
    program = seccomp.strict("x86_64")
    assert verdict(program, ARCHITECTURES["x86_64"], 0x40000000) == seccomp.KILL


def test_an_unknown_architecture_has_no_filter():
    with pytest.raises(ValueError, match="riscv64"):
        seccomp.strict("riscv64")
