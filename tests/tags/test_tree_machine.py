"""Adding, moving, renaming, merging, undoing and deleting against a plain recursive model."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.core.errors import ConflictError
from apps.problems.models import ProblemTag
from apps.tags import services
from apps.tags.models import Tag
from apps.tags.selectors import resolve, tree_faults
from tests.factories import ProblemFactory
from tests.problems.lists import assert_lists_hold

DEEPEST = 5
PICK = st.integers(0, 10_000)


@dataclass
class Merged:
    """What the model remembers of a merge."""

    tag: int
    into: int
    parent: int | None
    elder: list[int]
    children: dict[int, int]
    moved: dict[int, int]
    names: set[str]
    carried: set[int]
    both: set[int]
    version: int
    into_before: int
    into_after: int


@dataclass
class Plain:
    """The tree as lists of children; `version` changes whenever a tag itself is touched."""

    below: dict[int | None, list[int]] = field(default_factory=lambda: {None: []})
    version: dict[int, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    links: set[tuple[int, int]] = field(default_factory=set)
    merges: dict[int, Merged] = field(default_factory=dict)

    def parent(self, tag: int) -> int | None:
        return next(parent for parent, children in self.below.items() if tag in children)

    def subtree(self, tag: int) -> set[int]:
        return {tag}.union(*(self.subtree(child) for child in self.below[tag]))

    def height(self, tag: int) -> int:
        return max((1 + self.height(child) for child in self.below[tag]), default=0)

    def level(self, tag: int | None) -> int:
        return -1 if tag is None else 1 + self.level(self.parent(tag))

    def may_go_under(self, tag: int, parent: int | None) -> bool:
        fits = self.level(parent) + 1 + self.height(tag) <= DEEPEST
        return fits and (parent is None or parent not in self.subtree(tag))

    def may_merge(self, tag: int, into: int) -> bool:
        fits = self.level(into) + self.height(tag) <= DEEPEST
        return into not in self.subtree(tag) and (fits or not self.below[tag])

    def may_undo(self, merge: Merged) -> bool:
        if self.version.get(merge.into) != merge.into_after:
            return False
        if any(child not in self.below[merge.into] for child in merge.children):
            return False
        if merge.parent is not None and merge.parent not in self.version:
            return False
        level = self.level(merge.parent) + 1
        tallest = max((1 + self.height(child) for child in merge.children), default=0)
        inside = any(merge.parent in self.subtree(child) for child in merge.children)
        return level + tallest <= DEEPEST and not inside


class Tree(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.plain = Plain()
        self.numbers = count(1)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def pick(self, number: int) -> int:
        tags = sorted(self.plain.version)
        return tags[number % len(tags)]

    def pick_parent(self, number: int) -> int | None:
        parents = [None, *sorted(self.plain.version)]
        return parents[number % len(parents)]

    def done(self, is_allowed: bool, act: Any, **arguments: Any) -> Any:
        """Call a service; it must refuse exactly what the model refuses."""
        if is_allowed:
            return act(**arguments)
        with pytest.raises(ConflictError):
            act(**arguments)
        return None

    @initialize()
    def begin(self) -> None:
        for number in (0, 0, 1, 2, 1):
            self.add(number)
        self.tag_a_problem([0, 1])
        self.tag_a_problem([2, 3])

    @rule(number=PICK)
    def add_one(self, number: int) -> None:
        self.add(number)

    def add(self, number: int) -> None:
        parent, name = self.pick_parent(number), f"Tag {next(self.numbers)}"
        is_allowed = self.plain.level(parent) < DEEPEST
        tag = self.done(
            is_allowed, services.create_tag, name=name, tag_type="topic", parent_id=parent
        )
        if tag:
            self.plain.below[parent].append(tag.pk)
            self.plain.below[tag.pk] = []
            self.plain.version[tag.pk] = next(self.numbers)
            self.plain.names[name.lower()] = tag.pk

    @precondition(lambda self: self.plain.version)
    @rule(number=PICK, parent_number=PICK, is_first=st.booleans())
    def move(self, number: int, parent_number: int, is_first: bool) -> None:
        tag, parent = self.pick(number), self.pick_parent(parent_number)
        position = "first-child" if is_first else "last-child"
        is_allowed = self.plain.may_go_under(tag, parent)
        moved = self.done(
            is_allowed, services.move_tag, tag_id=tag, parent_id=parent, position=position
        )
        if moved:
            self.plain.below[self.plain.parent(tag)].remove(tag)
            siblings = self.plain.below[parent]
            siblings.insert(0 if is_first else len(siblings), tag)
            self.plain.version[tag] = next(self.numbers)

    @precondition(lambda self: self.plain.version)
    @rule(number=PICK)
    def rename(self, number: int) -> None:
        tag, name = self.pick(number), f"Tag {next(self.numbers)}"
        former = Tag.objects.get(pk=tag).name
        services.change_tag(tag_id=tag, name=name)
        del self.plain.names[former.lower()]
        self.plain.names[name.lower()] = tag
        self.plain.version[tag] = next(self.numbers)

    @precondition(lambda self: self.plain.version)
    @rule(numbers=st.lists(PICK, min_size=1, max_size=3))
    def tag_one(self, numbers: list[int]) -> None:
        self.tag_a_problem(numbers)

    def tag_a_problem(self, numbers: list[int]) -> None:
        tags = {self.pick(number) for number in numbers}
        problem = ProblemFactory(tags=list(Tag.objects.filter(pk__in=tags)))
        self.plain.links |= {(problem.pk, tag) for tag in tags}

    @precondition(lambda self: self.plain.version)
    @rule(number=PICK)
    def delete(self, number: int) -> None:
        tag = self.pick(number)
        is_used = any(tag == linked for _, linked in self.plain.links)
        is_allowed = not self.plain.below[tag] and not is_used
        self.done(is_allowed, services.delete_tag, tag_id=tag)
        if is_allowed:
            self.plain.below[self.plain.parent(tag)].remove(tag)
            del self.plain.below[tag], self.plain.version[tag]
            self.plain.names = {n: t for n, t in self.plain.names.items() if t != tag}

    @precondition(lambda self: self.plain.version)
    @rule(number=PICK, into_number=PICK)
    def merge(self, number: int, into_number: int) -> None:
        plain, tag, into = self.plain, self.pick(number), self.pick(into_number)
        is_allowed = plain.may_merge(tag, into)
        merge = self.done(is_allowed, services.merge_tag, tag_id=tag, into_id=into, by=None)
        if merge is None:
            return
        parent = plain.parent(tag)
        siblings = plain.below[parent]
        carried = {problem for problem, linked in plain.links if linked == tag}
        plain.merges[merge.pk] = merged = Merged(
            tag=tag,
            into=into,
            parent=parent,
            elder=siblings[: siblings.index(tag)],
            children={child: plain.version[child] for child in plain.below[tag]},
            moved={child: next(self.numbers) for child in plain.below[tag]},
            names={name for name, named in plain.names.items() if named == tag},
            carried=carried,
            both={problem for problem in carried if (problem, into) in plain.links},
            version=plain.version[tag],
            into_before=plain.version[into],
            into_after=next(self.numbers),
        )
        siblings.remove(tag)
        plain.below[into] += plain.below.pop(tag)
        del plain.version[tag]
        plain.version[into] = merged.into_after
        plain.version |= merged.moved
        plain.names |= dict.fromkeys(merged.names, into)
        plain.links -= {(problem, tag) for problem in carried}
        plain.links |= {(problem, into) for problem in carried}

    @precondition(lambda self: self.plain.merges)
    @rule()
    def undo_newest(self) -> None:
        self.undo(0)

    @precondition(lambda self: self.plain.merges)
    @rule(number=PICK)
    def undo_any(self, number: int) -> None:
        self.undo(number)

    def undo(self, number: int) -> None:
        plain = self.plain
        merge_id = sorted(plain.merges, reverse=True)[number % len(plain.merges)]
        merged = plain.merges[merge_id]
        if not self.done(plain.may_undo(merged), services.undo_merge, merge_id=merge_id, by=None):
            return
        del plain.merges[merge_id]
        siblings = plain.below[merged.parent]
        elder = [tag for tag in merged.elder if tag in siblings]
        siblings.insert(siblings.index(elder[-1]) + 1 if elder else 0, merged.tag)
        plain.below[merged.tag] = list(merged.children)
        for child in merged.children:
            plain.below[merged.into].remove(child)
        plain.version |= {merged.tag: merged.version, merged.into: merged.into_before}
        for child, former in merged.children.items():
            is_untouched = plain.version[child] == merged.moved[child]
            plain.version[child] = former if is_untouched else next(self.numbers)
        plain.names |= dict.fromkeys(merged.names, merged.tag)
        plain.links |= {(problem, merged.tag) for problem in merged.carried}
        plain.links -= {(problem, merged.into) for problem in merged.carried - merged.both}

    @invariant()
    def the_database_says_the_same(self) -> None:
        below: dict[int | None, list[int]] = {None: []}
        tags = list(Tag.objects.order_by("tree_id", "lft").values_list("pk", "parent"))
        below |= {pk: [] for pk, _ in tags}
        for pk, parent in tags:
            below[parent].append(pk)
        assert below == self.plain.below
        assert set(ProblemTag.objects.values_list("problem", "tag")) == self.plain.links
        assert {n: t.pk for n, t in resolve(self.plain.names).items()} == self.plain.names

    @invariant()
    def the_tree_and_what_hangs_on_it_are_sound(self) -> None:
        assert tree_faults() == []
        assert_lists_hold()


def explore(*, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Tree,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_the_tree_does_what_a_plain_model_does():
    explore(examples=8, steps=20)

    assert not Tag.objects.exists()


@pytest.mark.faults
@pytest.mark.django_db
def test_the_tree_does_what_a_plain_model_does_for_long():
    explore(examples=20, steps=30)

    assert not Tag.objects.exists()
