"""The brake on guessing at sign-in."""

from __future__ import annotations

from jinbang.delivery.engine.tries import MACHINE, MACHINE_MS, TICKET, TICKET_MS, Tries

NOW = 1_000_000_000


def failed(tries: Tries, times: int, device: str = "a", *, at: int = NOW, ticket: str = "1") -> None:
    for _ in range(times):
        tries.wrong(ticket, device, at)


def test_a_machine_waits_a_minute_after_ten_and_only_for_that_ticket() -> None:
    tries = Tries()
    failed(tries, MACHINE - 1)
    assert tries.wait_ms("1", "a", "", NOW) == 0
    failed(tries, 1, at=NOW + 1000)
    assert tries.wait_ms("1", "a", "", NOW + 1000) == MACHINE_MS - 1000
    assert tries.wait_ms("1", "b", "", NOW + 1000) == 0
    assert tries.wait_ms("2", "a", "", NOW + 1000) == 0
    assert tries.wait_ms("1", "a", "", NOW + MACHINE_MS) == 0


def test_many_machines_together_stop_all_but_the_one_it_is_bound_to() -> None:
    tries = Tries()
    for n in range(TICKET):
        tries.wrong("1", f"machine {n}", NOW + n)
    later = NOW + MACHINE_MS + TICKET
    assert tries.wait_ms("1", "another", "own", later) == NOW + TICKET_MS - later
    assert tries.wait_ms("1", "own", "own", later) == 0
    assert tries.wait_ms("1", "another", "own", NOW + TICKET_MS) == 0


def test_success_forgets() -> None:
    tries = Tries()
    failed(tries, TICKET)
    tries.right("1")
    assert tries.wait_ms("1", "a", "", NOW) == 0
    assert tries.wrong("1", "a", NOW) == 1


def test_a_clock_set_back_blocks_nobody_for_longer() -> None:
    tries = Tries()
    failed(tries, TICKET, at=NOW + TICKET_MS)
    assert tries.wait_ms("1", "a", "", NOW) == 0
