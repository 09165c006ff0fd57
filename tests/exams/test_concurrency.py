"""Several offices register at once: one person gets one registration, one seat is given once.

Real processes on a real database file, started together; and the same race without the locks is shown to go wrong.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from tests import migrated

ROOT = Path(__file__).parents[2]
PROCESSES = 4
PREPARE = """
import django; django.setup()
from tests.exams import factories
world = factories.world()
factories.candidates(world.school, 42)
"""
REGISTER = """
import sys, time
from pathlib import Path
import django; django.setup()
from django.db import IntegrityError, OperationalError
from jinbang.accreditation.models import Site
from jinbang.core.errors import Refusal
from jinbang.exams.domain import registrations
from jinbang.exams.models import Candidate, Sitting
from tests.accreditation.factories import ACTOR, level
from tests.exams.factories import REGISTERING
number, gate = int(sys.argv[1]), Path(sys.argv[4])
everybody, unlocked = sys.argv[2] == "seats", sys.argv[3] == "unlocked"
if unlocked:
    registrations._locked = lambda people: list(
        Candidate.objects.select_related("school").filter(pk__in=[p.pk for p in people]).order_by("pk"))
    check = registrations._require_unregistered
    def slow(people, sitting):
        check(people, sitting)
        time.sleep(0.5)
    registrations._require_unregistered = slow
people = list(Candidate.objects.order_by("pk"))
mine = people[37 + number : 38 + number] if everybody else people[:1]
sitting = Sitting.objects.select_related("plan__rule_set", "plan__certificate_type").get()
wanted, site = level(), Site.objects.get()
(gate / f"ready-{number}").touch()
while not (gate / "go").exists():
    time.sleep(0.005)
try:
    registrations.register(sitting=sitting, level=wanted, site=site, candidates=mine, actor=ACTOR, now=REGISTERING)
    print("made")
except Refusal as refusal:
    print(refusal.code)
except (IntegrityError, OperationalError):
    print("crashed")
"""
FILL = """
import django; django.setup()
from jinbang.accreditation.models import Site
from jinbang.exams.domain import registrations
from jinbang.exams.models import Candidate, Sitting
from tests.accreditation.factories import ACTOR, level
from tests.exams.factories import REGISTERING
sitting = Sitting.objects.select_related("plan__rule_set", "plan__certificate_type").get()
registrations.register(sitting=sitting, level=level(), site=Site.objects.get(), actor=ACTOR, now=REGISTERING,
    candidates=list(Candidate.objects.order_by("pk")[:37]))
"""
COUNT = """
import django; django.setup()
from jinbang.audit.domain import verify_chain
from jinbang.exams.domain import books
from jinbang.exams.models import LedgerTransaction, Registration
print(Registration.objects.count(), LedgerTransaction.objects.count(), len(books.faults()), len(verify_chain()))
"""
pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="starts its own embedded database")


def start(script: str, data: Path, *arguments: str, deferred: bool = False) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "JINBANG_DATA": str(data),
        "JINBANG_DATABASE": "",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "tests.audit.deferred_settings" if deferred else "jinbang.config.settings",
    }
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> list[str]:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return output.split()


def race(data: Path, what: str, *, locked: bool = True) -> Counter[str]:
    """What every process got to hear."""
    mode = "locked" if locked else "unlocked"
    racers = [start(REGISTER, data, str(n), what, mode, str(data), deferred=not locked) for n in range(PROCESSES)]
    while len(list(data.glob("ready-*"))) < PROCESSES:
        assert all(racer.poll() is None for racer in racers)
    (data / "go").touch()
    return Counter(word for racer in racers for word in finished(racer))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared") / "data"
    migrated.place_sqlite(folder)
    finished(start(PREPARE, folder))
    return folder


@pytest.fixture
def data(prepared, tmp_path):
    """A copy of its own for each race."""
    return shutil.copytree(prepared, tmp_path / "data")


def test_one_person_is_registered_once(data):
    assert race(data, "person") == {"made": 1, "rows_invalid": PROCESSES - 1}
    assert finished(start(COUNT, data)) == ["1", "1", "0", "0"]


def test_the_last_seat_is_given_once(data):
    finished(start(FILL, data))
    assert race(data, "seats") == {"made": 1, "site_full": PROCESSES - 1}
    assert finished(start(COUNT, data)) == ["38", "38", "0", "0"]


def test_without_the_locks_somebody_is_not_refused_but_hurt(data):
    heard = race(data, "person", locked=False)
    assert heard["crashed"] > 0
    assert finished(start(COUNT, data))[0] == "1"
