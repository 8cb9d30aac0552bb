"""What can be sent: problems, their tags, the suggested tags they wait for, and the ranked lists
that choosing walks.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from apps.core.constraints import choices_check
from apps.problems.querysets import ProblemManager
from apps.problems.words import words_field
from apps.tags.models import Tag, TagSuggestion


class Difficulty(models.TextChoices):
    """How hard a problem is for the working engineer it is written for."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class ProblemStatus(models.TextChoices):
    """Where a problem stands in its review."""

    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    ARCHIVED = "archived"


class VettingTier(models.TextChoices):
    """How well a problem was checked; the better one is served first."""

    TIER1_MANUAL = "tier1_manual"
    TIER2_AI = "tier2_ai"
    TIER3_NEEDS_REVIEW = "tier3_needs_review"


class Problem(models.Model):
    """One engineering problem and its solution.

    `version` rises whenever what a reader sees changes. Written by problems.services. `uuid` is its
    identity between installations.
    """

    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    slug = models.CharField(max_length=100)
    title = models.CharField(max_length=70)
    statement = models.TextField()
    hints = ArrayField(models.TextField(), default=list, blank=True)
    solution = models.TextField(blank=True)
    difficulty = models.CharField(max_length=6, choices=Difficulty.choices, blank=True)
    estimated_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    tags = models.ManyToManyField(Tag, through="ProblemTag", related_name="problems", blank=True)
    status = models.CharField(
        max_length=8, choices=ProblemStatus.choices, default=ProblemStatus.DRAFT, editable=False
    )
    vetting_tier = models.CharField(
        max_length=18, choices=VettingTier.choices, default=VettingTier.TIER3_NEEDS_REVIEW
    )
    is_held = models.BooleanField(default=False, help_text="Kept back because of readers' reports.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="problems",
    )
    source_title = models.CharField(max_length=200, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    source_author = models.CharField(max_length=120, blank=True)
    license = models.CharField(max_length=40, blank=True)
    problem_metadata = models.JSONField(default=dict, blank=True)
    review_note = models.CharField(max_length=500, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    words = words_field()

    objects = ProblemManager()

    class Meta:
        ordering = ["-approved_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["uuid"], name="problem_uuid_unique"),
            models.UniqueConstraint(fields=["slug"], name="problem_slug_unique"),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$") & Q(slug__regex=r"[a-z]"),
                name="problem_slug_shaped",
            ),
            models.CheckConstraint(
                condition=Q(title__regex=r"\S") & ~Q(title__regex=r"[[:cntrl:]]"),
                name="problem_title_one_line",
            ),
            models.CheckConstraint(
                condition=Q(statement__regex=r"\S"), name="problem_statement_not_blank"
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="problem_version_counts_from_one"
            ),
            models.CheckConstraint(
                condition=Q(estimated_minutes__isnull=True) | Q(estimated_minutes__range=(1, 480)),
                name="problem_minutes_sane",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "archived"])
                | (Q(approved_at__isnull=False) & ~Q(difficulty="")),
                name="problem_approved_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(solution__regex=r"\S"),
                name="problem_approved_has_solution",
            ),
            choices_check("problem", "status", ProblemStatus),
            choices_check("problem", "vetting_tier", VettingTier),
            models.CheckConstraint(
                condition=Q(difficulty__in=["", *Difficulty.values]),
                name="problem_difficulty_known",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-approved_at", "-id"], name="problem_newest_by_status"),
            GinIndex(fields=["words"], name="problem_words"),
        ]

    def __str__(self) -> str:
        return self.title


class ProblemTag(models.Model):
    """An approved tag on a problem."""

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="problem_tags")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="problem_tags")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["problem", "tag"], name="problemtag_once")]

    def __str__(self) -> str:
        return f"problem {self.problem_id} tag {self.tag_id}"


class ProblemSuggestion(models.Model):
    """A problem that waits for a suggested name; a decision reaches exactly these.

    `typed_name` is what was typed.
    """

    problem = models.ForeignKey(
        Problem, on_delete=models.CASCADE, related_name="problem_suggestions"
    )
    suggestion = models.ForeignKey(
        TagSuggestion, on_delete=models.CASCADE, related_name="problem_suggestions"
    )
    typed_name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["problem", "suggestion"], name="problemsuggestion_once")
        ]

    def __str__(self) -> str:
        return f"problem {self.problem_id} waits for suggestion {self.suggestion_id}"


class RankedProblem(models.Model):
    """The closure tag → approved problem, ready ranked: one row per tag (null: the whole bank),
    bucket and problem.

    Choosing walks it by index. Written by problems.ranking alone, in the transaction of whatever
    changed the bank. It is derived, so the database does not check its two references: that took
    longer than all other work of an import. Deletions reach it through Django.
    """

    tag = models.ForeignKey(
        Tag,
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    bucket = models.PositiveSmallIntegerField()
    tier = models.PositiveSmallIntegerField()
    rank = models.PositiveIntegerField()
    problem = models.ForeignKey(
        Problem, on_delete=models.CASCADE, related_name="ranked", db_constraint=False
    )
    difficulty = models.CharField(max_length=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tag", "bucket", "tier", "rank", "problem"],
                include=["difficulty"],
                nulls_distinct=False,
                name="rankedproblem_walk",
            ),
            models.CheckConstraint(
                condition=Q(bucket__lt=32), name="rankedproblem_bucket_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"tag {self.tag_id} bucket {self.bucket} problem {self.problem_id}"


class BankState(models.Model):
    """One row: when the bank last gained anything that a starved subscriber might get."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    widened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="bankstate_single_row")]

    def __str__(self) -> str:
        return f"bank as of {self.widened_at}"
