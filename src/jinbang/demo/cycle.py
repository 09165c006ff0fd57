"""The cycle, stage by stage. Each stage finds what is there and adds what is missing, so a stopped run goes on."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from jinbang.accounts.models import Organisation, Person
from jinbang.accreditation.models import Site
from jinbang.audit.actor import SYSTEM
from jinbang.audit.domain import verify_chain
from jinbang.config import clock
from jinbang.content.models import Form, PracticalTask
from jinbang.delivery.domain import sittings
from jinbang.demo import aftermath, exam_day, material, office
from jinbang.demo.children import judge_worker, web_server
from jinbang.demo.environment import Environment, Journal
from jinbang.demo.fixtures.load import Loaded, load_seed
from jinbang.demo.office import at
from jinbang.demo.world import actor_of, ensure_world, schools
from jinbang.exams.models import Arrangement, Registration, Sitting
from jinbang.grading.domain.workers import register_worker
from jinbang.judge.toolchains.build import prepare

WIDTH = 28


@dataclass(frozen=True)
class Stage:
    """A stage: its key in the journal, its title, and what it does; it returns the counts that it adds."""

    key: str
    title: str
    play: Callable[[], dict[str, Any]]


class Cycle:
    """The whole cycle of the first sitting of 2022 over one environment."""

    def __init__(self, environment: Environment, journal: Journal) -> None:
        self.environment = environment
        self.journal = journal
        self._progress_at = 0.0

    def run(self) -> None:
        """Play every stage that is not done. What stages share is looked up again, so resuming is no special case."""
        self._tables()
        office_stages = [
            Stage("seed", "申报计划与日历 declarations, calendar", self._seed),
            Stage("pilots", "试点申报 pilot applications", self._pilots),
            Stage("sites", "考核站点 exam sites", self._sites),
            Stage("registration", "考生导入与报名 registration", self._registration),
            Stage("content", "题库与试卷 item bank, forms", self._content),
            Stage("seating", "考场编排 seating", self._seating),
            Stage("papers", "打印材料 tickets and lists", self._papers),
            Stage("sealing", "试卷封存 sealed papers", self._sealing),
            Stage("toolchain", "判题环境 judge toolchain", self._toolchain),
        ]
        exam_stages = [
            Stage("theory", "理论考试 theory, over HTTP", lambda: self._subject("theory")),
            Stage("practical", "实操考试 practical, over HTTP", lambda: self._subject("practical")),
            Stage("judging", "判题 judging", self._judging),
            Stage("results", "成绩 results", self._results),
            Stage("certificates", "证书 certificates", self._certificates),
            Stage("verification", "证书查验 verification", self._verification),
        ]
        learning = [Stage("learning", "培训、练习、资源、支持 learning", self._learning)]
        books = Stage("books", "核对账目与日志 books and audit chain", self._books)
        self._play(office_stages)
        if any(stage.key not in self.journal.done for stage in exam_stages):
            with web_server(self.environment.port, self.environment.data):
                self._play(exam_stages)
        self._play([*learning, books])

    def _play(self, stages: list[Stage]) -> None:
        for stage in stages:
            if stage.key in self.journal.done:
                self._say(stage.title, "已完成 done before")
                continue
            begun = time.monotonic()
            self._tell_line(f"{stage.title} …")
            counts = stage.play()
            took = time.monotonic() - begun
            self.journal.counts |= counts
            self.journal.done.append(stage.key)
            self.journal.save()
            self._say(stage.title, _summary(counts, took))

    def _tables(self) -> None:
        """Bring the database up to date; on a new one that takes seconds, so it says how far it is."""
        begun = time.monotonic()
        planned = MigrationExecutor(connection)
        count = len(planned.migration_plan(planned.loader.graph.leaf_nodes()))
        if count:
            call_command("migrate", stdout=MigrationProgress(count, self._tell), no_color=True)
            self._say("数据库 database tables", _summary({"migrations": count}, time.monotonic() - begun))

    # -- what the stages share ---------------------------------------------------------------------

    @cached_property
    def loaded(self) -> Loaded:
        return load_seed(at("2022-01-05"), SYSTEM)

    @cached_property
    def people(self) -> dict[str, Person]:
        return ensure_world(self.loaded, at("2022-01-05"), self._tell)

    @cached_property
    def schools(self) -> list[tuple[Organisation, str]]:
        assert self.people
        return list(zip(schools(), ("", "2"), strict=True))

    @property
    def sitting(self) -> Sitting:
        return Sitting.objects.select_related("plan__rule_set", "plan__certificate_type").get(
            pk=self.loaded.sittings[0].pk
        )

    def _share(self, index: int) -> int:
        """How many candidates the school at ``index`` sends."""
        total = self.journal.candidates
        return total - total // 2 if index == 0 else total // 2

    def _site_of(self, school: Organisation) -> Site:
        return Site.objects.get(organisation=school)

    # -- stages ------------------------------------------------------------------------------------

    def _seed(self) -> dict[str, Any]:
        clock.set_test_now(at("2022-01-05"))
        people = self.people
        return {
            "plans": len(self.loaded.declarations),
            "sittings": len(self.loaded.sittings),
            "majors": self.loaded.majors,
            "training_terms": self.loaded.training_terms,
            "support_regions": self.loaded.support_regions,
            "accounts": len(people),
        }

    def _pilots(self) -> dict[str, Any]:
        now = at("2022-03-20", "10:00")
        clock.set_test_now(now)
        level = self.loaded.levels["elementary"]
        approved = 0
        for school, suffix in self.schools:
            plan = self.loaded.declarations[school.region]
            application = office.apply_as_pilot(school, plan, level, self.people, suffix, now)
            application.refresh_from_db()
            approved += application.state == "approved"
        return {"applications_approved": approved}

    def _sites(self) -> dict[str, Any]:
        now = at("2022-03-28", "10:00")
        clock.set_test_now(now)
        live = 0
        for index, (school, suffix) in enumerate(self.schools):
            site = office.open_site(school, self._share(index), self.people, suffix, now)
            live += site.state == "live"
        return {"sites_live": live}

    def _registration(self) -> dict[str, Any]:
        now = at("2022-04-20", "10:00")
        clock.set_test_now(now)
        level = self.loaded.levels["elementary"]
        candidates = registered = 0
        for index, (school, suffix) in enumerate(self.schools):
            if not self._share(index):
                continue
            actor = actor_of(self.people[f"school{suffix}"])
            candidates += office.take_in_candidates(school, self._share(index), index + 1, actor, now)
            site = self._site_of(school)
            registered += office.register_all(school, site, self.sitting, level, actor, now)
        return {"candidates": candidates, "registered": registered}

    def _content(self) -> dict[str, Any]:
        now = at("2022-05-09")
        clock.set_test_now(now)
        self.forms  # noqa: B018 — made on first use
        return {"items": self.loaded.levels["elementary"].items.count(), "forms": len(self.forms)}

    @cached_property
    def forms(self) -> dict[str, Form]:
        return material.prepare_forms(self.loaded.levels["elementary"], self.people, at("2022-05-09"))

    def _seating(self) -> dict[str, Any]:
        now = at("2022-05-12", "10:00")
        clock.set_test_now(now)
        for index, (school, suffix) in enumerate(self.schools):
            if not self._share(index):
                continue
            actor, site = actor_of(self.people[f"site{suffix}"]), self._site_of(school)
            office.seat_all(self.sitting, site, 20220521 + index, actor, now)
            office.assign_staff(self.sitting, site, self.people, suffix, actor, now)
        return {"seated": Registration.objects.filter(sitting=self.sitting, state="seated").count()}

    def _papers(self) -> dict[str, Any]:
        now = at("2022-05-19", "10:00")
        clock.set_test_now(now)
        pages: dict[str, int] = {}
        for arrangement in Arrangement.objects.filter(sitting=self.sitting, discarded_at__isnull=True):
            for kind, count in office.print_papers(arrangement, actor_of(self.people["officer"]), now).items():
                pages[kind] = pages.get(kind, 0) + count
        return {"tickets_pdf_pages": pages["ticket"], "other_pdf_pages": sum(pages.values()) - pages["ticket"]}

    def _sealing(self) -> dict[str, Any]:
        now = at("2022-05-20", "10:00")
        clock.set_test_now(now)
        return exam_day.prepare_day(self.sitting, self.forms, self.people, now)

    def _toolchain(self) -> dict[str, Any]:
        profiles = sorted(set(PracticalTask.objects.values_list("toolchain", flat=True)))
        built = [prepare(profile, say=lambda line: self._tell_line(line)) for profile in profiles]
        return {"toolchains": {one.profile: one.digest[:16] for one in built}}

    def _subject(self, name: str) -> dict[str, Any]:
        if self.sitting.state == "sealed":
            clock.set_test_now(at("2022-05-21", "08:00"))
            sittings.open_sitting(sitting=self.sitting, actor=actor_of(self.people["officer"]), now=clock.now())
        subject = self.sitting.subjects.get(subject=name)
        seen = exam_day.sit_subject(self.environment.url, subject, self.people, self._tell)
        stored = exam_day.acknowledged_and_stored(seen)
        before = self.journal.counts
        counts = {
            "attempts": before.get("attempts", 0) + seen.attempts,
            "answers_acked": before.get("answers_acked", 0) + seen.acked,
            "answers_stored": before.get("answers_stored", 0) + stored,
            "receipts": before.get("receipts", 0) + seen.receipts,
            "files": before.get("files", 0) + seen.files,
        }
        if name == "practical":
            sittings.close_sitting(sitting=self.sitting, actor=actor_of(self.people["officer"]), now=clock.now())
        return counts

    def _judging(self) -> dict[str, Any]:
        clock.set_test_now(at("2022-05-21", "14:00"))
        _worker, token = register_worker(name="demo", actor=SYSTEM, now=clock.now())
        data = self.environment.data
        with judge_worker(self.environment.url, token, data) as process:
            judged = aftermath.judge_all(self.sitting, process, data / "logs" / "judge.log", clock.now, self._tell)
        return {"practical_judged": judged}

    def _results(self) -> dict[str, Any]:
        now = at("2022-05-28", "10:00")
        clock.set_test_now(now)
        return aftermath.publish_results(self.sitting, self.people, now)

    def _certificates(self) -> dict[str, Any]:
        now = at("2022-06-10", "10:00")
        clock.set_test_now(now)
        aftermath.ensure_issuers(self.loaded)
        return {"certificates": aftermath.certify(self.sitting, self.people, now)}

    def _verification(self) -> dict[str, Any]:
        now = at("2022-06-11", "10:00")
        clock.set_test_now(now)
        return aftermath.verify_all(self.environment.url, self.sitting, self.people, now)

    def _learning(self) -> dict[str, Any]:
        now = at("2022-06-13", "10:00")
        clock.set_test_now(now + timedelta(minutes=1))
        level, (school, _suffix) = self.loaded.levels["elementary"], self.schools[0]
        return {
            "training_hours": aftermath.train(self.people),
            **aftermath.practise(level, self.people, now),
            "resources": aftermath.share_resources(level, self.people, now),
            "support_contact": aftermath.ask_for_help(school, self.people, now),
        }

    def _books(self) -> dict[str, Any]:
        return {"ledger_balanced": office.ledger_is_balanced(), "audit_chain_ok": not verify_chain()}

    # -- progress ----------------------------------------------------------------------------------

    def _say(self, title: str, text: str) -> None:
        self._clear_line()
        print(f"  {title:<{WIDTH}} {text}", file=sys.stderr, flush=True)

    def _tell(self, what: str, done: int, total: int) -> None:
        """Progress inside a stage, on a terminal at most ten times a second."""
        tick = time.monotonic()
        if sys.stderr.isatty() and (tick - self._progress_at > 0.1 or done == total):
            self._progress_at = tick
            print(f"\r    {what} {done}/{total}\033[K", end="", file=sys.stderr, flush=True)

    def _tell_line(self, line: str) -> None:
        if sys.stderr.isatty():
            print(f"\r    {line[:100]}\033[K", end="", file=sys.stderr, flush=True)

    def _clear_line(self) -> None:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)


class MigrationProgress(io.TextIOBase):
    """Where ``migrate`` writes: every migration that it says to apply counts."""

    def __init__(self, total: int, tell: Callable[[str, int, int], None]) -> None:
        super().__init__()
        self.done, self.total, self.report = 0, total, tell

    def write(self, text: str) -> int:
        """Count what begins; the words themselves are not shown."""
        if "Applying" in text:
            self.done += 1
            self.report("tables", self.done, self.total)
        return len(text)


def _summary(counts: dict[str, Any], took: float) -> str:
    largest = max((value for value in counts.values() if isinstance(value, int)), default=0)
    rate = f", {largest / took:,.0f}/s" if took > 0.05 and largest > 1 else ""
    shown = "  ".join(f"{name}={value}" for name, value in counts.items())
    return f"{shown}  ({took:.1f} s{rate})"
