"""The worker against a server with real lease logic: real processes, real sandbox, real kills."""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.judge.worker import samples
from tests.judge.worker.leases import TRIES, LeaseServer, outcome

from jinbang.judge.offline_web.ca import issue
from jinbang.judge.protocol import Kind
from jinbang.judge.runner import judge
from jinbang.judge.toolchains import Toolchain, prepared
from jinbang.judge.worker import Settings, Tools, Worker

ROOT = Path(__file__).parents[3]


@pytest.fixture
def server() -> Iterator[LeaseServer]:
    with LeaseServer() as running:
        yield running


def start(server: LeaseServer, data: Path, *more: str, name: str = "w", **environment: str) -> subprocess.Popen[bytes]:
    """A worker process of its own, as an operator would start it."""
    code = "import sys; from jinbang.judge.worker import main; sys.exit(main(sys.argv[1:]))"
    argv = [sys.executable, "-c", code, "--server", server.url, "--name", name, "--slots", "2", *more]
    env = os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "JINBANG_DATA": str(data),
        "JINBANG_JUDGE_TOKEN": server.token,
        **environment,
    }
    return subprocess.Popen(argv, env=env, stderr=subprocess.PIPE)


def end(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=180)
    return process.returncode, errors.decode()


def stop_when(worker: Worker, server: LeaseServer, done: Any) -> None:
    """Stop the worker once `done()`."""
    threading.Thread(target=lambda: (server.wait(done), worker.stop()), daemon=True).start()


def run_sandboxed(task: Any, submission: Any, toolchain: Toolchain, scope: Any) -> Any:
    return judge(task, submission, toolchain=toolchain, scope=scope.value)


def local(server: LeaseServer, folder: Path, judging: Any, **more: Any) -> Worker:
    """A worker in this process, judging with `judging`."""
    fitted = more.pop("probe", lambda: {"ok": True})
    settings = Settings(server.url, server.token, "local", 2, folder / "blobs", **more)
    digests = {name: built.digest for name, built in prepared().items()}
    return Worker(settings, Tools(judging, fitted, lambda: digests, "1"))


@pytest.mark.sandbox
def test_it_judges_what_is_queued_exam_before_practice(server: LeaseServer, tmp_path: Path, basic: Toolchain):
    for number in range(3):
        server.add(f"practice-{number}", samples.task(), samples.WRONG, "basic", Kind.PRACTICE)
    for number in range(3):
        server.add(f"exam-{number}", samples.task(), samples.RIGHT, "basic")
    status, errors = end(start(server, tmp_path, "--until-idle"))
    assert status == 0, errors
    assert [outcome(entry) for entry in server.jobs.values()] == ["wrong"] * 3 + ["accepted"] * 3
    assert all(job.startswith("exam") for job in server.order[:3])
    assert all(job.startswith("practice") for job in server.order[3:])
    verdicts = {entry.verdicts[0] for entry in server.jobs.values()}
    assert len(verdicts) == 2
    assert json.loads(server.jobs["exam-0"].verdicts[0])["toolchain_digest"] == basic.digest
    assert server.requests[0].profiles["basic"] == basic.digest
    assert server.requests[0].probe["ok"] is True
    assert server.requests[0].toolchains["basic"].digest == basic.digest
    assert all(request.toolchains == {} for request in server.requests[1:])


@pytest.mark.sandbox
def test_killed_in_mid_run_twice_and_still_exactly_one_verdict(server: LeaseServer, tmp_path: Path, basic: Toolchain):
    """SIGKILL while the program runs, twice; a third worker finishes. No lease is lost for good, none counts double."""
    entry = server.add("job", samples.task(), samples.SLOW, "basic")
    other = server.add("other", samples.task(), samples.RIGHT, "basic")
    for attempt in (1, 2):
        process = start(server, tmp_path, name=f"doomed-{attempt}")
        server.wait(lambda attempt=attempt: entry.attempt == attempt and "judging" in entry.phases)
        entry.phases.clear()
        process.send_signal(signal.SIGKILL)
        assert end(process)[0] == -signal.SIGKILL
        assert entry.verdicts == []
    process = start(server, tmp_path, name="survivor")
    server.wait(lambda: bool(entry.verdicts and other.verdicts))
    process.terminate()
    assert end(process)[0] == 0
    assert outcome(entry) == outcome(other) == "accepted"
    assert (entry.attempt, entry.tries, entry.dead) == (3, 2, "")


@pytest.mark.sandbox
def test_sigterm_lets_the_running_job_end_and_takes_no_more(server: LeaseServer, tmp_path: Path, basic: Toolchain):
    entry = server.add("job", samples.task(), samples.SLOW, "basic")
    process = start(server, tmp_path)
    server.wait(lambda: entry.attempt == 1)
    late = server.add("late", samples.task(), samples.RIGHT, "basic")
    process.terminate()
    server.wait(lambda: bool(entry.verdicts))
    assert end(process)[0] == 0
    assert outcome(entry) == "accepted"
    assert late.attempt <= 1  # the second slot may have been asking just then
    assert len(late.verdicts) == late.attempt


def test_a_stop_without_grace_gives_the_job_back(server: LeaseServer, tmp_path: Path, basic: Toolchain):
    entry = server.add("job", samples.task(), samples.RIGHT, "basic")
    hang = threading.Event()
    worker = local(server, tmp_path, lambda *_: hang.wait(30), grace_s=0.0)
    stop_when(worker, server, lambda: entry.attempt == 1)
    assert worker.run() == 0
    hang.set()
    assert [kind for kind, _ in entry.failures] == ["released"]
    assert (entry.tries, entry.lease) == (0, "")


def test_a_job_that_breaks_the_judge_becomes_a_dead_letter_with_its_reason(
    server: LeaseServer, tmp_path: Path, basic: Toolchain
):
    poison = server.add("poison", samples.task(), samples.WRONG, "basic")
    sound = [server.add(f"sound-{n}", samples.task(), samples.RIGHT, "basic") for n in range(3)]

    def broken(task: Any, submission: Any, *rest: Any) -> Any:
        if submission == samples.WRONG:
            raise RuntimeError("no room")
        return run_sandboxed(task, submission, *rest)

    worker = local(server, tmp_path, broken)
    stop_when(worker, server, lambda: bool(poison.dead))
    assert worker.run() == 0
    assert poison.dead == "RuntimeError: no room"
    assert poison.tries == TRIES == poison.attempt
    assert poison.verdicts == []
    assert [outcome(entry) for entry in sound] == ["accepted"] * 3
    assert server.withdrawals == []


def test_a_worker_that_breaks_every_job_takes_itself_out(server: LeaseServer, tmp_path: Path, basic: Toolchain):
    entries = [server.add(f"job-{n}", samples.task(), samples.RIGHT, "basic") for n in range(8)]

    def broken(*_: Any) -> Any:
        raise OSError("disk on fire")

    assert local(server, tmp_path, broken).run() == 3
    (withdrawal,) = server.withdrawals
    assert withdrawal.worker == "local"
    assert "3 internal failures in a row; the last: OSError: disk on fire" in withdrawal.reason
    assert sum(entry.attempt for entry in entries) <= 5  # two more may have been in hand
    assert not any(entry.verdicts or entry.dead for entry in entries)


def test_a_host_whose_probe_does_not_hold_judges_nothing(server: LeaseServer, tmp_path: Path):
    entry = server.add("job", samples.task(), samples.RIGHT, "basic")
    worker = local(server, tmp_path, run_sandboxed, probe=lambda: {"ok": False, "reason": "no user namespaces"})
    assert worker.run() == 3
    assert server.withdrawals[0].reason == "the probe does not hold: no user namespaces"
    assert entry.attempt == 0


def test_damaged_and_missing_blobs_are_the_jobs_failure(server: LeaseServer, tmp_path: Path, basic: Toolchain):
    gone = server.add("gone", samples.task(), samples.RIGHT, "basic")
    del server.blobs[gone.submission[1]]
    other = server.add("other", samples.task(), {"main.py": b"1"}, "basic")
    other.submission = ("0" * 64, other.submission[1])
    worker = local(server, tmp_path, run_sandboxed)
    stop_when(worker, server, lambda: bool(gone.dead and other.dead))
    assert worker.run() == 0
    assert gone.dead == "404: no such blob"
    assert other.dead == "a blob unpacks to other files than its job names"
    assert {kind for kind, _ in gone.failures + other.failures} == {"blob"}


def test_a_blob_is_fetched_once_and_a_damaged_copy_is_fetched_again(
    server: LeaseServer, tmp_path: Path, basic: Toolchain
):
    server.add("one", samples.task(), samples.RIGHT, "basic")
    assert local(server, tmp_path, run_sandboxed, idle_exit=True).run() == 0
    kept = [path for path in (tmp_path / "blobs").glob("*/*") if path.is_file()]
    assert {path.name for path in kept} == set(server.blobs)
    for path in kept:
        path.write_bytes(b"rotten")
    two = server.add("two", samples.task(), samples.RIGHT, "basic")
    assert local(server, tmp_path, run_sandboxed, idle_exit=True).run() == 0
    assert outcome(two) == "accepted"


@pytest.mark.sandbox
def test_over_https_it_speaks_to_a_server_it_can_trust_and_to_no_other(tmp_path: Path, basic: Toolchain):
    trust = issue(["localhost"])
    (tmp_path / "ca.pem").write_bytes(trust.ca)
    (tmp_path / "server.pem").write_bytes(trust.server)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(tmp_path / "server.pem")
    with LeaseServer(tls=tls) as server:
        entry = server.add("job", samples.task(), samples.RIGHT, "basic")
        doubting = start(server, tmp_path)
        assert doubting.stderr is not None
        assert any(b"certificate verify failed" in line for line in doubting.stderr)
        doubting.terminate()
        assert end(doubting)[0] == 0
        assert server.requests == []
        status, errors = end(start(server, tmp_path, "--until-idle", SSL_CERT_FILE=str(tmp_path / "ca.pem")))
        assert status == 0, errors
        assert outcome(entry) == "accepted"


def test_an_unwell_server_is_waited_for(server: LeaseServer, tmp_path: Path, basic: Toolchain):
    entry = server.add("job", samples.task(), samples.RIGHT, "basic")
    server.unwell = 1

    def and_then_again(*arguments: Any) -> Any:
        server.unwell = 1  # the report meets a 503 too
        return run_sandboxed(*arguments)

    assert local(server, tmp_path, and_then_again, idle_exit=True).run() == 0
    assert outcome(entry) == "accepted"


def test_a_wrong_token_ends_the_worker(server: LeaseServer, tmp_path: Path):
    worker = Worker(
        Settings(server.url, "wrong", "local", 1, tmp_path / "blobs"),
        Tools(run_sandboxed, lambda: {"ok": True}, dict, "1"),
    )
    assert worker.run() == 2
    assert server.requests == []


def test_a_slow_job_keeps_its_lease(tmp_path: Path, basic: Toolchain):
    with LeaseServer(lease_s=0.6) as server:
        entry = server.add("job", samples.task(), samples.RIGHT, "basic")

        def slow(*arguments: Any) -> Any:
            time.sleep(2)
            return run_sandboxed(*arguments)

        assert local(server, tmp_path, slow, idle_exit=True).run() == 0
    assert (entry.attempt, outcome(entry)) == (1, "accepted")
    assert set(entry.phases) >= {"judging"}


def test_a_lost_lease_is_dropped_and_the_other_verdict_stands(server: LeaseServer, tmp_path: Path, basic: Toolchain):
    entry = server.add("job", samples.task(), samples.RIGHT, "basic")

    def overtaken(*arguments: Any) -> Any:
        judgement = run_sandboxed(*arguments)
        with server.lock:
            entry.lease = "of another worker"
            entry.verdicts = ["the other's verdict"]
        return judgement

    assert local(server, tmp_path, overtaken, idle_exit=True).run() == 0
    assert entry.verdicts == ["the other's verdict"]
    assert entry.failures == []


def test_a_job_that_comes_back_to_the_same_worker_is_kept_apart_from_its_first_run(tmp_path: Path, basic: Toolchain):
    with LeaseServer(lease_s=0.6) as server:
        entry = server.add("job", samples.task(), samples.RIGHT, "basic")
        runs: list[str] = []

        def again(*arguments: Any) -> Any:
            runs.append(entry.lease)
            if len(runs) == 1:
                with server.lock:
                    entry.lease = ""  # lapsed: the other slot is granted the job
                server.wait(lambda: entry.attempt == 2)
            else:
                server.wait(lambda: len(entry.phases) >= 4)  # beats go on after the first run has ended
            return run_sandboxed(*arguments)

        assert local(server, tmp_path, again, idle_exit=True).run() == 0
    assert len(set(runs)) == 2
    assert (entry.attempt, entry.tries, outcome(entry)) == (2, 0, "accepted")
