"""Papers, sealed per candidate before the sitting."""

from __future__ import annotations

from django.db import models

from jinbang.audit.fields import StateField


class PaperSet(models.Model):
    """The sealed papers of one level in one subject of a sitting, opened by two people with one key.

    ``shares`` holds the two halves of the key, each encrypted under its holder's passphrase;
    ``released_key`` is filled by the second release and not before ``not_before``. ``scoring_cipher`` holds the
    right answers under a key derived from the same secret, for the server alone. Discarding takes two people:
    ``discard_*`` hold what the first of them asked for. A discarded set keeps its row and nothing that could open it;
    the set that stands in for it names it in ``replaces``.
    """

    sitting_subject = models.ForeignKey("exams.SittingSubject", on_delete=models.PROTECT, related_name="paper_sets")
    level = models.ForeignKey("accreditation.CertificateLevel", on_delete=models.PROTECT)
    form = models.ForeignKey("content.Form", on_delete=models.PROTECT)
    not_before = models.DateTimeField()
    seed = models.BigIntegerField()
    shares = models.JSONField(default=list)
    key_sha256 = models.CharField(max_length=64, blank=True)
    released_key = models.BinaryField(null=True)
    scoring_cipher = models.BinaryField(null=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    papers = models.PositiveIntegerField(default=0)
    discard_asked_by = models.CharField(max_length=200, blank=True)
    discard_asked_at = models.DateTimeField(null=True)
    discard_reason = models.CharField(max_length=300, blank=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    state = StateField("sealed_paper_set")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sitting_subject", "level"], condition=~models.Q(state="discarded"), name="paper_set_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sitting_subject} {self.level.name}"

    @property
    def replacement(self) -> PaperSet | None:
        """The set that took the place of this discarded one."""
        return PaperSet.objects.filter(replaces=self).first()


class SealedPaper(models.Model):
    """One candidate's paper: compressed, then encrypted with AES-256-GCM under a key of its own.

    That key is derived from the set's key and the attempt, so what one candidate receives at the start opens
    no other paper. ``ciphertext`` is the whole file as it travels (``docs/exam-protocol.md``).
    """

    paper_set = models.ForeignKey(PaperSet, on_delete=models.CASCADE, related_name="sealed")
    attempt = models.OneToOneField("delivery.Attempt", on_delete=models.CASCADE, related_name="paper")
    nonce = models.BinaryField()
    ciphertext = models.BinaryField()
    sha256 = models.CharField(max_length=64)
