"""What the ranked lists and the counts must hold, computed plainly from the rows themselves."""

from apps.problems.models import Problem, ProblemTag, RankedProblem
from apps.problems.rank import BUCKET_COUNT, TIERS, rank
from apps.tags.models import Tag

Row = tuple[int | None, int, int, int, int, str]


def expected_lists() -> set[Row]:
    """One row for each tag above each tag of each approved problem that nothing holds back."""
    rows: set[Row] = set()
    for problem in Problem.objects.filter(status="approved", is_held=False):
        tag_ids: set[int | None] = {None}
        for tag_id in _tags_of(problem):
            tag_ids |= set(_line(tag_id))
        rows |= {
            (
                tag_id,
                bucket,
                TIERS[problem.vetting_tier],
                rank(problem.uuid, bucket),
                problem.pk,
                problem.difficulty,
            )
            for tag_id in tag_ids
            for bucket in range(BUCKET_COUNT)
        }
    return rows


def present_lists() -> set[Row]:
    columns = ("tag", "bucket", "tier", "rank", "problem", "difficulty")
    rows = list(RankedProblem.objects.values_list(*columns))
    assert len(rows) == len(set(rows))
    return set(rows)


def expected_counts() -> dict[str, int]:
    found: dict[str, set[int]] = {tag.name: set() for tag in Tag.objects.all()}
    names = dict(Tag.objects.values_list("pk", "name"))
    for problem in Problem.objects.filter(status="approved"):
        for tag_id in _tags_of(problem):
            for above in _line(tag_id):
                found[names[above]].add(problem.pk)
    return {name: len(problems) for name, problems in found.items()}


def present_counts() -> dict[str, int]:
    return dict(Tag.objects.values_list("name", "problem_count"))


def assert_lists_hold() -> None:
    """The bank's lists and counts are what the rows themselves say."""
    assert present_lists() == expected_lists()
    assert present_counts() == expected_counts()


def _tags_of(problem: Problem) -> list[int]:
    return list(ProblemTag.objects.filter(problem=problem).values_list("tag", flat=True))


def _line(tag_id: int) -> list[int]:
    """The tag and all above it, by parents alone."""
    line = [tag_id]
    while (parent_id := Tag.objects.values_list("parent", flat=True).get(pk=line[-1])) is not None:
        line.append(parent_id)
    return line
