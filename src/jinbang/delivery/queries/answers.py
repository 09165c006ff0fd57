"""Final answers and files, as they count: for marking, for receipts, for the room board."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jinbang.delivery.models import AnswerStep, Upload
from jinbang.documents.domain.files import path_of


def final_answers(attempts: Iterable[int]) -> dict[int, dict[str, str]]:
    """Attempt → item → value: of each item the step with the highest number. Flags and cleared answers left out."""
    found: dict[int, dict[str, str]] = {attempt: {} for attempt in attempts}
    steps = AnswerStep.objects.filter(attempt_id__in=list(found)).order_by("attempt_id", "seq")
    for attempt, item, value in steps.values_list("attempt_id", "item", "value").iterator(chunk_size=5000):
        found[attempt][item] = value
    return {
        attempt: {item: value for item, value in answers.items() if value and not item.startswith("flag:")}
        for attempt, answers in found.items()
    }


def final_uploads(attempts: Iterable[int]) -> dict[int, list[Upload]]:
    """Attempt → its complete files that count: of each item and name the newest version, in a fixed order."""
    found: dict[int, dict[tuple[str, str], Upload]] = {attempt: {} for attempt in attempts}
    rows = Upload.objects.filter(
        attempt_id__in=list(found), kind=Upload.Kind.FILE, completed_at__isnull=False
    ).order_by("version")
    for upload in rows:
        found[upload.attempt_id][upload.item, upload.name] = upload
    return {attempt: [files[key] for key in sorted(files)] for attempt, files in found.items()}


def upload_path(upload: Upload) -> Path:
    """Where the bytes of a complete upload lie; their SHA-256 is ``upload.sha256``."""
    return path_of(upload.sha256)


def answers_with_files(attempt: int) -> dict[str, str]:
    """What the receipt of ``attempt`` is the digest of: answers, and one line a file that counts."""
    answers = final_answers([attempt])[attempt]
    for upload in final_uploads([attempt])[attempt]:
        answers[f"file:{upload.item}/{upload.name}"] = upload.sha256
    return answers
