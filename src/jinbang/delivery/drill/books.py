"""``python -m jinbang.delivery.drill.books``: what an installation has stored, as JSON, to be compared with what
candidates saw acknowledged."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def read() -> dict[str, Any]:
    """Steps by attempt (seq → [item, value]), steps that occur twice, and receipts as computed from the steps."""
    from django.db.models import Count

    from jinbang.delivery.domain.canonical import digest
    from jinbang.delivery.models import AnswerStep, Attempt
    from jinbang.delivery.queries.answers import final_answers

    steps: dict[int, dict[int, list[str]]] = {}
    columns = ("attempt_id", "seq", "item", "value")
    for attempt, seq, item, value in AnswerStep.objects.values_list(*columns).iterator(chunk_size=5000):
        steps.setdefault(attempt, {})[seq] = [item, value]
    twice = AnswerStep.objects.values("attempt_id", "seq").annotate(n=Count("pk")).filter(n__gt=1).count()
    attempts = {a.pk: a for a in Attempt.objects.all()}
    finals = final_answers(attempts)
    receipts = {
        pk: [a.receipt_sha256, a.receipt_sha256 == digest(finals[pk]).sha256, a.hand_in_how]
        for pk, a in attempts.items()
        if a.state == "handed_in"
    }
    return {"steps": steps, "stored": AnswerStep.objects.count(), "twice": twice, "receipts": receipts}


def main() -> int:
    """Print the books."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jinbang.config.settings")
    django.setup()
    sys.stdout.write(json.dumps(read(), ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
