"""Runs programs that are hostile until proven otherwise.

Theory of operation
===================

    judge process ──control──► room (one bubblewrap per toolchain and set of warm imports; kept)
         │                      └ keeper, process 1: forks                                inside/keeper.py
         │                          ├ zygote (warm rooms): has imported; scripts are its copies   inside/zygote.py
         │                          └ box (one per submission; own user, mount, net, uts, cgroup namespaces)
         └────────box socket───────►│  makes them, watches, answers the judge             inside/boxed.py, runs.py
                                    └ process 1 of a run (own pid, mount, ipc namespaces) inside/program.py
                                        └ the program: no capabilities, filtered, limited

Two walls. The *room* is made by bubblewrap: a root built up from nothing and read-only, no network, no process of the
host, an empty environment. A program that broke out of its box would find itself there. The *box* is made inside
the room by the keeper's child with unshare(2), so that it costs a fork and not the start of an interpreter, and the
fork for the next one is done before it is asked for. It separates submissions from each other. Each *run* gets a pid
namespace of its own: when its process 1 goes, the kernel ends every daemon and orphan in it, and there is nothing to
hunt for.

Who is trusted. Keeper, zygote, box and process 1 run our code only. The box stays outside the programs' pid namespace:
they have no number for it, so they can neither signal, trace, slow nor limit it. Process 1 is not dumpable, blocks
every signal and has capabilities the program lacks, so it cannot be traced or read. The program's end is told by its
parent over a pipe that no program ever holds, and output is only ever data: nothing printed can be taken for a verdict.

Users. As root, a room has a user namespace that maps real, unprivileged host ids: one for the keeper, one for each slot
(slots.py), others for companions; RLIMIT_NPROC does not bind root, and files of the host are nobody's here. As an
ordinary user every slot has that user's id and the namespaces alone keep boxes apart; since Linux 5.14 the number of
processes is counted per user namespace all the same. Interpreters that lie below /root are opened before the
privileges go (inside/enter.py), mounts for a single box are handed on as detached mounts (inside/opener.py).

Limits. Of one process at once by rlimits; of the tree by the box, which looks every 20 ms at all processes (memory by
proportional share where the cheap sum is over the limit, processor time with that of dead children, threads) and
reads the output up to its limit; of folders by tmpfs sizes; of the lot by a cgroup v2 where one is delegated. Memory
that shows in no process (memory files, shared segments, shared anonymous pages) is not given out: seccomp.py. Socket
buffers are made small. The wall clock of a run stands still while it is kept from the processor (runs.py): verdicts do
not depend on load.

Warm runs. A script runs in a copy of the zygote, which has imported the profile's heavy modules: what the program does
to those modules ends with it. It is single-use like every run. The copy is born in the pid namespace of its run and
enters the other namespaces before anything of the candidate's runs; its parent, the zygote, is out of its sight, so
getppid() is 0. Copying a large process takes milliseconds, so it is done once a run, and never for box or process 1.

Companions (databases, the offline web) are bubblewraps of their own that enter the box's network namespace, with real
ids of their own, and share nothing else but a folder for sockets (companions.py).

Death. Rooms and companions die with the judge (PR_SET_PDEATHSIG, and the keeper leaves when its socket closes), boxes
with their socket. Bubblewraps are ended from the inside out, so that each reaps its own and none is orphaned.

What all this rests on is measured at the start by probe.py; `jinbang judge selftest` tries to break it.
"""

from .box import Box
from .companions import CompanionError
from .layout import Toolchain, ToolchainLike
from .probe import Check, ProbeReport, probe, require
from .rooms import SandboxError
from .spec import Companion, Kill, Limits, Mount, ReadyCheck, RunResult, RunSpec

__all__ = [
    "Box",
    "Check",
    "Companion",
    "CompanionError",
    "Kill",
    "Limits",
    "Mount",
    "ProbeReport",
    "ReadyCheck",
    "RunResult",
    "RunSpec",
    "SandboxError",
    "Toolchain",
    "ToolchainLike",
    "probe",
    "require",
]
