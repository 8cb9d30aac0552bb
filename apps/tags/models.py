"""The curated tree: tags, every name they answer to, and names that wait for a curator."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from mptt.models import MPTTModel, TreeForeignKey

from apps.core.constraints import choices_check
from apps.core.history import History
from apps.tags.querysets import TagManager, TagMergeQuerySet, TagSuggestionQuerySet
from apps.tags.tree import require_lock

# Roots have level 0, so a tag is at most six deep.
MAX_LEVEL = 5


class TagType(models.TextChoices):
    """What kind of thing a tag names."""

    LANGUAGE = "language"
    SKILL_LEVEL = "skill_level"
    TOPIC = "topic"
    FRAMEWORK = "framework"
    TOOL = "tool"
    DOMAIN = "domain"
    CONCEPT = "concept"


class Tag(MPTTModel):
    """One node of the tree.

    Written by tags.services, which hold the tree lock; problem_count is kept by problems.
    """

    parent = TreeForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    name = models.CharField(max_length=60)
    slug = models.CharField(max_length=80)
    tag_type = models.CharField(max_length=12, choices=TagType.choices)
    description = models.CharField(max_length=300, blank=True)
    is_featured = models.BooleanField(default=False)
    problem_count = models.PositiveIntegerField(
        default=0, editable=False, help_text="Approved problems on it or below, each counted once."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[TagManager] = TagManager()
    history = History(
        excluded_fields=["lft", "rght", "tree_id", "level", "problem_count", "updated_at"]
    )

    class Meta:
        ordering = ["tree_id", "lft"]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="tag_slug_unique"),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$") & Q(slug__regex=r"[a-z]"),
                name="tag_slug_shaped",
            ),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="tag_name_not_blank"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="tag_not_its_own_parent"),
            models.CheckConstraint(condition=Q(level__lte=MAX_LEVEL), name="tag_at_most_six_deep"),
            models.CheckConstraint(condition=Q(lft__lt=F("rght")), name="tag_left_before_right"),
            choices_check("tag", "tag_type", TagType),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        require_lock("Saving a tag")
        super().save(*args, **kwargs)

    def move_to(self, target: "Tag | None", position: str = "first-child") -> None:
        require_lock("Moving a tag")
        super().move_to(target, position)

    def insert_at(self, target: "Tag | None", *args: Any, **kwargs: Any) -> None:
        require_lock("Inserting a tag")
        super().insert_at(target, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> None:
        require_lock("Deleting a tag")
        super().delete(*args, **kwargs)


class TagNameKind(models.TextChoices):
    """How a name belongs to its tag."""

    PRIMARY = "primary"
    ALIAS = "alias"
    REDIRECT = "redirect"


class TagName(models.Model):
    """A name a tag answers to: its own, an alias, or the name or slug of a tag merged into it."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=80)
    normalized = models.CharField(max_length=160)
    kind = models.CharField(max_length=8, choices=TagNameKind.choices)

    class Meta:
        ordering = ["normalized"]
        constraints = [
            models.UniqueConstraint(fields=["normalized"], name="tagname_normalized_unique"),
            models.UniqueConstraint(
                fields=["tag"], condition=Q(kind="primary"), name="tagname_one_primary"
            ),
            models.CheckConstraint(condition=Q(normalized__regex=r"\S"), name="tagname_not_blank"),
            choices_check("tagname", "kind", TagNameKind),
        ]

    def __str__(self) -> str:
        return self.name


class SuggestionStatus(models.TextChoices):
    """What became of a suggested name."""

    PENDING = "pending"
    APPROVED = "approved"
    MERGED = "merged"
    REJECTED = "rejected"


class SuggestionSource(models.TextChoices):
    """Through which door a name was first suggested."""

    USER = "user"
    AUTHOR = "author"
    IMPORT = "import"
    PIPELINE = "pipeline"


class TagSuggestion(models.Model):
    """A name that is no tag yet; one row per normalised name.

    Decided by tags.services; never reopened.
    """

    name = models.CharField(max_length=60)
    normalized_name = models.CharField(max_length=160)
    tag_type = models.CharField(max_length=12, choices=TagType.choices, blank=True)
    suggested_parent = models.ForeignKey(
        Tag, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    source = models.CharField(max_length=8, choices=SuggestionSource.choices)
    status = models.CharField(
        max_length=8,
        choices=SuggestionStatus.choices,
        default=SuggestionStatus.PENDING,
        editable=False,
    )
    resolved_tag = models.ForeignKey(
        Tag,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="resolved_suggestions",
        editable=False,
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TagSuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["normalized_name"], name="tagsuggestion_name_unique"),
            models.CheckConstraint(
                condition=Q(normalized_name__regex=r"\S"), name="tagsuggestion_name_not_blank"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", reviewed_at__isnull=True)
                | (~Q(status="pending") & Q(reviewed_at__isnull=False)),
                name="tagsuggestion_decided_when_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["approved", "merged"], resolved_tag__isnull=False)
                | (~Q(status__in=["approved", "merged"]) & Q(resolved_tag__isnull=True)),
                name="tagsuggestion_resolved_to_a_tag",
            ),
            choices_check("tagsuggestion", "status", SuggestionStatus),
            choices_check("tagsuggestion", "source", SuggestionSource),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="tagsuggestion_queue")]

    def __str__(self) -> str:
        return self.name


class TagSuggestionRequest(models.Model):
    """A person who asked for a suggested name, with their reason."""

    suggestion = models.ForeignKey(TagSuggestion, on_delete=models.CASCADE, related_name="requests")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tag_requests"
    )
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["suggestion", "user"], name="tagsuggestionrequest_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} by {self.user_id}"


class TagMerge(models.Model):
    """One tag that went into another, and all that `undo_merge` needs to bring it back.

    Written by tags.services. No foreign keys to tags: the merged one is gone, the other may go
    later, and an id comes back only with its tag.
    """

    merged_tag_id = models.BigIntegerField()
    merged_name = models.CharField(max_length=60)
    merged_slug = models.CharField(max_length=80)
    into_tag_id = models.BigIntegerField()
    into_name = models.CharField(max_length=60)
    into_slug = models.CharField(max_length=80)
    record = models.JSONField(help_text="Who pointed at what before, and the survivor after.")
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    objects = TagMergeQuerySet.as_manager()

    class Meta:
        ordering = ["-merged_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(merged_tag_id=F("into_tag_id")), name="tagmerge_of_two_tags"
            ),
            models.UniqueConstraint(
                fields=["merged_tag_id"],
                condition=Q(undone_at__isnull=True),
                name="tagmerge_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["merged_slug"], name="tagmerge_slug")]

    def __str__(self) -> str:
        return f"{self.merged_name} into {self.into_name}"
