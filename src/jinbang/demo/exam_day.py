"""The day of the exam: simulated candidates sit both subjects over real HTTP, rooms are run and closed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from jinbang.accounts.domain.personal_data import decrypt, id_number_context
from jinbang.accounts.models import Person
from jinbang.config import clock
from jinbang.content.models import FormEntry
from jinbang.delivery.domain import prepare, sittings
from jinbang.delivery.domain.room.attendance import check_identity, mark_absent
from jinbang.delivery.domain.room.closing import close_room
from jinbang.delivery.domain.room.sessions import open_room
from jinbang.delivery.domain.scoring import item_id
from jinbang.delivery.domain.sealing import KeyHolder, release_share
from jinbang.delivery.drill.candidate import Candidate
from jinbang.delivery.models import AnswerStep, Attempt, PaperSet, RoomSession
from jinbang.demo.material import task_folder
from jinbang.demo.office import at
from jinbang.demo.world import PASSPHRASES, actor_of
from jinbang.exams.models import Sitting, SittingSubject
from jinbang.judge.package import load_folder

ABSENT_SHARE = 0.03
AT_ONCE = 64
MISTAKES = ("crash", "no-manners", "first-page")
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Hours:
    """When a subject's day goes on, by the programme's clock: sign-in, just before the start, absence, hand-in."""

    release: str
    sign_in: str
    almost: str
    absent: str
    hand_in: str


HOURS = {
    "theory": Hours("08:20", "08:22", "08:29:58", "09:01", "09:20"),
    "practical": Hours("10:00", "10:02", "10:09:58", "10:41", "11:30"),
}


@dataclass
class Seen:
    """What the candidates saw: steps acknowledged, receipts, files."""

    attempts: int = 0
    acked: int = 0
    receipts: int = 0
    files: int = 0
    steps: dict[int, dict[int, tuple[str, str]]] = field(default_factory=dict)


def prepare_day(sitting: Sitting, forms: Mapping[str, Any], people: dict[str, Person], now: datetime) -> dict[str, int]:
    """Attempts, papers and seals, made once; two key holders each with a passphrase of their own."""
    officer = actor_of(people["officer"])
    chosen = {(form.subject, form.level_id): form for form in forms.values()}
    prepared = prepare.prepare_sitting(sitting=sitting, actor=officer, now=now, forms=chosen)
    holders = [
        KeyHolder(people[name], phrase) for name, phrase in zip(("keyholder1", "keyholder2"), PASSPHRASES, strict=True)
    ]
    sealed = sittings.seal_sitting(sitting=sitting, holders=holders, actor=officer, now=now)
    return {"attempts_prepared": prepared.attempts, "papers_sealed": sealed}


def release_keys(subject: SittingSubject, people: dict[str, Person]) -> None:
    """Both key holders open the subject's papers."""
    for paper_set in PaperSet.objects.filter(sitting_subject=subject).exclude(state="released"):
        for name, phrase in zip(("keyholder1", "keyholder2"), PASSPHRASES, strict=True):
            person = people[name]
            share = next(entry for entry in paper_set.shares if entry["person"] == person.pk)
            if "opened" not in share:
                paper_set = release_share(
                    paper_set=paper_set, person=person, passphrase=phrase, actor=actor_of(person), now=clock.now()
                )


def open_rooms(subject: SittingSubject, people: dict[str, Person]) -> int:
    """Open every room of the subject."""
    sessions = RoomSession.objects.filter(sitting_subject=subject)
    for session in sessions.filter(state="planned"):
        open_room(
            session=session, actor=actor_of(people["invigilator"]), now=clock.now(), reason="演示只给首个考场安排监考员"
        )
    return sessions.count()


def close_rooms(subject: SittingSubject, people: dict[str, Person]) -> None:
    """Note who never came, then close every room by its rule."""
    for session in RoomSession.objects.filter(sitting_subject=subject, state="open"):
        for attempt in session.attempts.filter(state="prepared"):
            mark_absent(attempt=attempt, actor=actor_of(people["invigilator"]), now=clock.now())
        close_room(session=session, actor=actor_of(people["chief"]), now=clock.now())


def check_identities(subject: SittingSubject, people: dict[str, Person]) -> None:
    """The invigilator compares ticket and ID card of everyone who signed in."""
    here = Attempt.objects.filter(sitting_subject=subject, signed_in_at__isnull=False, id_checked_at__isnull=True)
    for attempt in here.filter(state="prepared"):
        check_identity(attempt=attempt, actor=actor_of(people["invigilator"]), now=clock.now())


def right_answers(subject: SittingSubject) -> dict[str, str]:
    """Item → right answer as the protocol writes it; what a perfect candidate would know."""
    forms = PaperSet.objects.filter(sitting_subject=subject).values_list("form", flat=True)
    entries = FormEntry.objects.filter(form__in=forms, item_version__isnull=False).select_related("item_version__item")
    found = {}
    for entry in entries:
        assert entry.item_version is not None
        answer = [str(part) for part in entry.item_version.answer]
        multiple = entry.item_version.item.kind == "multiple"
        found[item_id(entry)] = ",".join(sorted(answer)) if multiple else answer[0]
    return found


@cache
def programs() -> tuple[dict[str, bytes], ...]:
    """What candidates hand in for the task: four in seven the reference, the others one of its shipped mistakes."""
    task = load_folder(task_folder())
    mistakes = [task.wrong(wrong) for wrong in task.manifest.wrong if wrong.name in MISTAKES]
    return (task.reference,) * 4 + tuple(mistakes)


def chooser(rng: random.Random, right: Mapping[str, str]) -> Callable[[str, Mapping[str, Any]], str]:
    """A candidate of some ability: mostly right, sometimes guessing, now and then leaving an item out."""
    ability = rng.betavariate(6, 2.2)

    def choose(item: str, shown: Mapping[str, Any]) -> str:
        if rng.random() < ability:
            return right[item]
        keys = [option["key"] for option in shown["options"]]
        if not keys:
            return "不知道" if rng.random() < 0.5 else ""
        if shown["kind"] == "multiple":
            return ",".join(sorted(rng.sample(keys, 2)))
        return str(rng.choice(keys))

    return choose


def sit_subject(url: str, subject: SittingSubject, people: dict[str, Person], tell: Tell) -> Seen:
    """One subject from release of the keys to closed rooms. Attempts that are over already are left alone."""
    hours = HOURS[subject.subject]
    day = subject.sitting.date.isoformat()
    clock.set_test_now(at(day, hours.release))
    release_keys(subject, people)
    open_rooms(subject, people)
    attempts = list(
        Attempt.objects.filter(sitting_subject=subject, state__in=("prepared", "running"))
        .select_related("registration__candidate")
        .order_by("pk")
    )
    seen = asyncio.run(_sit_all(url, subject, attempts, hours, day, people, tell))
    close_rooms(subject, people)
    return seen


def id_number_of(attempt: Attempt) -> str:
    """The candidate's ID number, as the candidate would type it."""
    candidate = attempt.registration.candidate
    return decrypt(bytes(candidate.id_cipher), context=id_number_context(candidate.id_hash))


async def _sit_all(
    url: str,
    subject: SittingSubject,
    attempts: Sequence[Attempt],
    hours: Hours,
    day: str,
    people: dict[str, Person],
    tell: Tell,
) -> Seen:
    right = await asyncio.to_thread(right_answers, subject)
    numbers = await asyncio.to_thread(lambda: [id_number_of(attempt) for attempt in attempts])
    rngs = [random.Random(f"{subject.subject}{attempt.registration_id}") for attempt in attempts]
    came = [
        (
            Candidate(url, attempt.ticket_number, number, f"demo-machine-{attempt.seat_id:08d}", subject.subject),
            attempt,
            rng,
        )
        for attempt, number, rng in zip(attempts, numbers, rngs, strict=True)
        if random.Random(attempt.registration_id).random() >= ABSENT_SHARE
    ]
    seen = Seen(attempts=len(came))
    clock.set_test_now(at(day, hours.sign_in))
    await asyncio.sleep(1)
    try:
        await _for_all("sign_in", (who.sign_in() for who, _attempt, _rng in came), len(came), tell)
        await asyncio.to_thread(check_identities, subject, people)
        clock.set_test_now(at(day, hours.almost))
        await _for_all("answer", (_work(who, rng, right) for who, _attempt, rng in came), len(came), tell)
        clock.set_test_now(at(day, hours.absent))
        await asyncio.sleep(1)
        clock.set_test_now(at(day, hours.hand_in))
        await asyncio.sleep(1)
        await _for_all("hand_in", (who.hand_in() for who, _attempt, _rng in came), len(came), tell)
    finally:
        for who, _attempt, _rng in came:
            who.close()
    for who, attempt, _rng in came:
        seen.acked += len(who.acked)
        seen.receipts += who.receipt is not None
        seen.files += len(who.files)
        seen.steps[attempt.pk] = dict(who.acked)
    return seen


async def _for_all(what: str, jobs: Iterable[Awaitable[Any]], total: int, tell: Tell) -> None:
    gate, done = asyncio.Semaphore(AT_ONCE if what != "answer" else total or 1), 0

    async def one(job: Awaitable[Any]) -> None:
        nonlocal done
        async with gate:
            await job
        done += 1
        tell(what, done, total)

    await asyncio.gather(*(one(job) for job in jobs))


async def _work(who: Candidate, rng: random.Random, right: Mapping[str, str]) -> None:
    await who.wait_for_go()
    paper = await who.start()
    await who.restore()
    choose = chooser(rng, right)
    for item, shown in paper["items"].items():
        if shown["kind"] == "task":
            await _hand_in_program(who, item, shown, rng)
            continue
        value = choose(item, shown)
        if value:
            who.type(item, value)
            await who.save()
            await asyncio.sleep(rng.expovariate(20))


async def _hand_in_program(who: Candidate, item: str, shown: Mapping[str, Any], rng: random.Random) -> None:
    if shown.get("material"):
        await who.fetch(f"/material/{shown['material']['sha256']}")
    for name, content in rng.choice(programs()).items():
        signed = content + f"\n# 准考证号 {who.ticket}\n".encode()
        await who.upload(item, name, signed)


def stored_steps(attempts: Iterable[int]) -> dict[int, dict[int, tuple[str, str]]]:
    """What the database holds of the attempts' steps: attempt → number → (item, value)."""
    found: dict[int, dict[int, tuple[str, str]]] = {attempt: {} for attempt in attempts}
    rows = AnswerStep.objects.filter(attempt_id__in=list(found)).values_list("attempt_id", "seq", "item", "value")
    for attempt, seq, item, value in rows.iterator(chunk_size=5000):
        found[attempt][seq] = (item, value)
    return found


def acknowledged_and_stored(seen: Seen) -> int:
    """How many acknowledged steps are stored as they were acknowledged."""
    stored = stored_steps(seen.steps)
    return sum(stored[attempt].get(seq) == step for attempt, steps in seen.steps.items() for seq, step in steps.items())
