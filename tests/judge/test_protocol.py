"""The judge protocol: what both halves rely on."""

import hashlib
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinbang.judge import protocol, uploads
from jinbang.judge.protocol import FailureKind, Job, Kind, ProtocolError, Usage, VerdictReport
from jinbang.judge.verdict import CaseVerdict, Outcome, Verdict, canonical_json

NAMES = st.text("abcxyz一二_/.", min_size=1, max_size=12).filter(
    lambda name: all(part not in ("", ".", "..") and part == part.rstrip(" .") for part in name.split("/"))
)
VERDICT = Verdict(
    outcome=Outcome.PARTIAL,
    points=Decimal("2.50"),
    max_points=Decimal(10),
    cases=(
        CaseVerdict("输出", Outcome.PARTIAL, Decimal("2.5"), Decimal(5), "差一行", "", True),
        CaseVerdict("报告", Outcome.PENDING, Decimal(0), Decimal(5), "", "", False, Decimal(5)),
    ),
    task_digest="t" * 64,
    toolchain_digest="c" * 64,
    submission_digest="s" * 64,
)
JOB = Job("j", "lease", Kind.EXAM, "t" * 64, "b" * 64, "basic", "s" * 64, "d" * 64, 1, 60.0)


def report(verdict: Verdict) -> VerdictReport:
    text = canonical_json(verdict)
    return VerdictReport("lease", text.decode(), hashlib.sha256(text).hexdigest(), Usage(1, 2, 3))


def test_a_verdict_survives_the_way_to_the_byte():
    sent = protocol.decode(protocol.encode(report(VERDICT)), VerdictReport)
    assert sent.verdict.encode() == canonical_json(VERDICT)
    view = protocol.read_verdict(sent, JOB)
    assert (view.outcome, view.points, view.max_points) == ("partial", Decimal("2.5"), Decimal(10))
    assert [(case.name, case.points, case.pending) for case in view.cases] == [
        ("输出", Decimal("2.5"), Decimal(0)),
        ("报告", Decimal(0), Decimal(5)),
    ]


@pytest.mark.parametrize(
    ("sent", "job", "complaint"),
    [
        (msgspec.structs.replace(report(VERDICT), verdict="{}"), JOB, "does not have the digest"),
        (report(replace(VERDICT, task_digest="x")), JOB, "another task or submission"),
        (report(replace(VERDICT, submission_digest="x")), JOB, "another task or submission"),
        (report(VERDICT), msgspec.structs.replace(JOB, toolchain_digest="x"), "another toolchain"),
        (report(replace(VERDICT, outcome=Outcome.INTERNAL)), JOB, "internal is reported as a failure"),
        (report(replace(VERDICT, outcome=Outcome.SERVICE_UNAVAILABLE)), JOB, "is reported as a failure"),
    ],
)
def test_a_verdict_that_must_not_be_stored_is_refused(sent: VerdictReport, job: Job, complaint: str):
    with pytest.raises(ProtocolError, match=complaint):
        protocol.read_verdict(sent, job)


def test_what_is_no_mark_agrees_with_the_verdicts_own_words():
    assert {outcome.value for outcome in Outcome if not outcome.is_a_mark} == protocol.NO_MARK


def test_only_the_judges_own_failures_use_up_tries():
    assert {kind for kind in FailureKind if kind.counts_as_try} == {FailureKind.INTERNAL, FailureKind.BLOB}


def test_garbage_is_refused_with_the_place():
    with pytest.raises(ProtocolError, match=r"not a Job.*kind"):
        protocol.decode(protocol.encode(JOB).replace(b'"exam"', b'"party"'), Job)
    with pytest.raises(ProtocolError, match="not a Job"):
        protocol.decode(b"{", Job)


@given(st.dictionaries(NAMES, st.binary(max_size=50), max_size=5))
def test_packing_is_the_same_every_time_and_keeps_every_byte(files: dict[str, bytes]):
    packed = protocol.pack_files(files)
    assert protocol.pack_files(dict(reversed(files.items()))) == packed
    try:
        unpacked = uploads.unpack(packed)
    except uploads.UploadError:
        return  # names that no file system takes side by side
    assert unpacked == files
    assert protocol.files_digest(unpacked) == protocol.files_digest(files)


def test_the_digest_tells_names_from_contents():
    assert protocol.files_digest({"ab": b"c"}) != protocol.files_digest({"a": b"bc"})
    assert protocol.files_digest({}) == hashlib.sha256(b"").hexdigest()
