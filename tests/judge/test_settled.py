"""Classes that threads decode are worked out when they are imported: msgspec crashes if two threads do it at once."""

import subprocess
import sys

# A process of its own, in which nothing has been decoded. What a decoder knows of a class hangs on the class.
PROGRAM = """
import gc, msgspec
from jinbang.judge import checkers, offline_web, package, protocol

checkers.registry()
pending, unsettled = [msgspec.Struct], []
while pending:
    kind = pending.pop()
    pending += kind.__subclasses__()
    known = any(type(part).__name__ == "StructInfo" for part in gc.get_referents(kind))
    if not known and not kind.__subclasses__() and kind.__module__.startswith("jinbang"):
        unsettled.append(kind.__qualname__)
print(sorted(unsettled))
"""


def test_every_message_class_is_worked_out_at_import() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
