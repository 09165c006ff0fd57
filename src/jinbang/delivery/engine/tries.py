"""The brake on guessing at sign-in: wrong pairs of ticket and ID number, counted for the ticket, never for an address.

A whole classroom comes from one address, so nobody's mistyping may slow down anybody else. Counted are tickets that
exist: others let nobody in, and memory stays bounded by the roster. Ten wrong tries a minute stop the machine that
made them, sixty in a quarter of an hour stop every machine but the one the ticket is bound to, so that somebody
typing a neighbour's ticket on purpose does not keep the neighbour from coming back to the own machine.

It is kept in memory on purpose. A restart gives a guesser one more budget, and nobody outside can bring a restart
about; several processes count apart, which multiplies the budget by their number. Against that, signing in never waits
for a table of failures, and works while the disk is full.
"""

from __future__ import annotations

from collections import defaultdict

MACHINE, MACHINE_MS = 10, 60_000
TICKET, TICKET_MS = 60, 15 * 60_000
TELL_AT = (3, MACHINE, TICKET)


class Tries:
    """Wrong tries of the last quarter of an hour, by ticket. Instants are milliseconds."""

    def __init__(self) -> None:
        self._wrong: dict[str, list[tuple[int, str]]] = defaultdict(list)

    def wait_ms(self, ticket: str, device_key: str, bound_to: str, now: int) -> int:
        """How long the machine must wait before it may try ``ticket`` again; 0 if it may now."""
        if ticket not in self._wrong:
            return 0
        wrong = self._recent(ticket, now)
        here = [at for at, device in wrong if device == device_key and at > now - MACHINE_MS]
        if len(here) >= MACHINE:
            return here[0] + MACHINE_MS - now
        if len(wrong) >= TICKET and device_key != bound_to:
            return wrong[0][0] + TICKET_MS - now
        return 0

    def wrong(self, ticket: str, device_key: str, now: int) -> int:
        """Count a wrong try of a ticket that exists; how many there are now."""
        self._wrong[ticket].append((now, device_key))
        return len(self._recent(ticket, now))

    def right(self, ticket: str) -> None:
        """The candidate got in: forget what went before."""
        self._wrong.pop(ticket, None)

    def _recent(self, ticket: str, now: int) -> list[tuple[int, str]]:
        wrong = self._wrong[ticket]
        wrong[:] = [one for one in wrong if now - TICKET_MS < one[0] <= now]
        return wrong
