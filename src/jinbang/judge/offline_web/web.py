"""The sites of one box: bound once per task, served by a companion, logged where the program cannot write."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jinbang.judge.offline_web.book import bind
from jinbang.judge.offline_web.ca import DAYS, issue
from jinbang.judge.offline_web.model import Hit, Site
from jinbang.judge.protocol import files_digest
from jinbang.judge.sandbox.spec import Companion, Mount, ReadyCheck
from jinbang.judge.standalone import standalone
from jinbang.judge.toolchains.store import data_dir

_SCHEMA = "1"  # raise when the book's form changes
_SERVER = Path(__file__).with_name("server.py")
_BOOK, _LOG = "/srv/web/book", "/srv/web/log"
_TRUST = "/run/jinbang/ca.pem"
# Where the sandbox leads Debian's Chromium and Google's Chrome for their managed policies.
_POLICY = "/run/jinbang/policies/jinbang.json"


@dataclass(frozen=True)
class Web:
    """What `Box` needs for the sites (`companions`, `mounts`, `env`, `hosts`), and the log afterwards."""

    names: tuple[str, ...]
    book: Path
    folder: Path

    @property
    def companions(self) -> tuple[Companion, ...]:
        """The server. It needs ports 80 and 443 of the box's own network."""
        argv, code = standalone(_SERVER, _BOOK, f"{_LOG}/access.jsonl")
        mounts = (
            *code,
            Mount(self.book / "served", _BOOK),
            Mount(self.folder, _LOG, writable=True),
        )
        return (Companion(name="web", argv=argv, ready=ReadyCheck(line="ready"), mounts=mounts, memory_mb=256),)

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """For the program: the authority that signed the sites' certificates, and Chromium's policy to trust it."""
        return (Mount(self.book / "ca.pem", _TRUST), Mount(self.book / "policy.json", _POLICY))

    @property
    def env(self) -> dict[str, str]:
        """For the program: where requests, OpenSSL, curl and Node find the trusted authority, and Selenium its driver.

        Without the driver's place Selenium asks the network for one, and waits.
        """
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        driver = shutil.which("chromedriver", path="/usr/bin:/usr/local/bin")
        return dict.fromkeys(names, _TRUST) | ({"SE_CHROMEDRIVER": driver} if driver else {})

    @property
    def hosts(self) -> dict[str, str]:
        """For the box's /etc/hosts."""
        return dict.fromkeys(self.names, "127.0.0.1")

    def log(self, *, after: int = 0) -> tuple[Hit, ...]:
        """The requests so far with `n` above `after`, in order."""
        path = self.folder / "access.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        return tuple(Hit(**json.loads(line)) for line in lines[after:])


@contextmanager
def web(sites: Sequence[Site]) -> Iterator[Web]:
    """Lay out the sites for one box.

    Effects: binds the sites under `$JINBANG_DATA/offline_web` the first time (some ms), makes a temporary folder for
    the log. Raises SiteError.
    """
    book = _bound(sites)
    outer = Path(tempfile.mkdtemp(prefix="jbweb-"))
    outer.chmod(0o711)
    folder = outer / "log"
    folder.mkdir()
    folder.chmod(0o777)  # the server runs under an unprivileged uid of the sandbox's choosing
    try:
        yield Web(tuple(host for site in sites for host in site.hosts), book, folder)
    finally:
        shutil.rmtree(outer, ignore_errors=True)


def _bound(sites: Sequence[Site]) -> Path:
    lines = (f"{_SCHEMA}\n{' '.join(site.hosts)}\n{files_digest(site.files)}\n" for site in sites)
    home = data_dir() / "offline_web" / hashlib.sha256("".join(lines).encode()).hexdigest()[:24]
    home.parent.mkdir(parents=True, exist_ok=True)
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _fresh(home):
            _bind(sites, home)
    return home


def _fresh(home: Path) -> bool:
    """There, and its certificate good for another month."""
    ca = home / "ca.pem"
    return ca.exists() and time.time() - ca.stat().st_mtime < (DAYS - 30) * 86400


def _bind(sites: Sequence[Site], home: Path) -> None:
    book = bind(sites)
    trust = issue([host for site in sites for host in site.hosts])
    partial = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    bodies = partial / "served" / "bodies"
    bodies.mkdir(parents=True)
    for name, data in book.bodies.items():
        (bodies / name).write_bytes(data)
    (partial / "served" / "book.json").write_text(json.dumps(book.hosts, ensure_ascii=False))
    (partial / "served" / "server.pem").write_bytes(trust.server)
    (partial / "ca.pem").write_bytes(trust.ca)
    body = "".join(trust.ca.decode().splitlines()[1:-1])
    (partial / "policy.json").write_text(json.dumps({"CACertificates": [body]}))
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    shutil.rmtree(home, ignore_errors=True)
    partial.rename(home)
