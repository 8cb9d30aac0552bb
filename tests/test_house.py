"""What of docs/architecture.md a machine can see, beside what ruff, mypy and import-linter see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import models
from simple_history.models import HistoricalChanges

ROOT = Path(__file__).resolve().parents[1]
MEDIAN_FUNCTION_LINES = 8
# With its signature and its docstring; ruff counts the statements.
LONGEST_FUNCTION_LINES = 60
LONGEST_FILE_LINES = 300
LONGEST_TASK_LINES = 10
LONGEST_ACTION_STATEMENTS = 5
JUNK = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff"}
SHADOWS = {"email"}
PLACES = ("apps", "config", "tests", "bench")
# Names that Django makes up for a migration that nobody named.
MADE_UP = re.compile(r"^\d{4}_(initial|auto_\d+.*|(alter|add|remove|rename|delete)_.*_and_more)$")
TASK_NAME = re.compile(r"^(?P<queue>[a-z]+)\.[a-z]+(_[a-z]+)+$")
MADE_UP_INDEX = re.compile(r"_[0-9a-f]{6,8}_idx$")
SILENCED = re.compile(r"#\s*(noqa(?!.* -- \w)|type:\s*ignore(?!\[[\w, -]+\]\s+# (-- )?\w))")
# Runs whatever an admin has scheduled.
# It runs SQL whose assertions the database checks.
CHECKED_ELSEWHERE = {"test_every_assertion_of_the_block_holds"}
CHECKS = {"raises", "warns", "fail", "django_assert_num_queries", "validate_response"}
ENQUEUES_BY_VARIABLE = {"apps/core/periodic_tasks.py"}


def sources(*places: str) -> list[Path]:
    return sorted(path for place in places for path in (ROOT / place).rglob("*.py"))


def product() -> list[Path]:
    """Our own code: without migrations."""
    return [path for path in sources("apps", "config") if "migrations" not in path.parts]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return (node for node in ast.walk(tree(path)) if isinstance(node, kinds))


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def at(path: Path, node: ast.AST | None = None, what: str = "") -> str:
    place = str(path.relative_to(ROOT)) + (f":{node.lineno}" if node else "")
    return f"{place} {what}".strip()


def our_models() -> list[type[models.Model]]:
    """Those that somebody wrote: not the earlier versions that simple_history keeps of them."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and not issubclass(model, HistoricalChanges)
    ]


def registered_tasks() -> dict[str, object]:
    current_app.loader.import_default_modules()
    return {
        name: task
        for name, task in current_app.tasks.items()
        if type(task).__module__.startswith("apps.") or task.__module__.startswith("apps.")
    }


def test_functions_are_short_and_half_of_them_very_short():
    lengths = {at(path, f, f.name): lines_of(f) for path in product() for f in functions(path)}

    assert median(lengths.values()) <= MEDIAN_FUNCTION_LINES
    assert {k: n for k, n in lengths.items() if n > LONGEST_FUNCTION_LINES} == {}


def test_files_are_short_enough_to_be_read_at_once():
    lengths = {at(path): len(path.read_text().splitlines()) for path in product()}

    assert {place: n for place, n in lengths.items() if n > LONGEST_FILE_LINES} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing():
    paths = [path.relative_to(ROOT) for path in sources(*PLACES)]

    assert [path for path in paths if {Path(part).stem for part in path.parts} & JUNK] == []
    assert [path for path in paths if path.stem in SHADOWS] == []


def test_there_are_no_scripts_beside_manage_py():
    scripts = [path.name for suffix in ("py", "sh", "js") for path in ROOT.glob(f"*.{suffix}")]

    assert scripts == ["manage.py"]


def test_every_module_says_what_it_is_for():
    # An apps.py says it by its name.
    said = {at(path): ast.get_docstring(tree(path)) for path in product() if path.read_text()}
    silent = [place for place, words in said.items() if not (words or place.endswith("/apps.py"))]

    assert silent == []


def test_every_model_says_what_one_row_means():
    assert [model.__name__ for model in our_models() if not _own_doc(model)] == []


def _own_doc(model: type[models.Model]) -> bool:
    # Django writes one of its own: Model(field, field, …).
    doc = model.__dict__.get("__doc__") or ""
    return bool(doc) and not doc.startswith(f"{model.__name__}(")


def test_services_and_selectors_explain_their_public_functions():
    files = [p for p in product() if {"services", "selectors"} & {p.stem, p.parent.name}]
    silent = [
        at(path, node, node.name)
        for path in files
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_constraints_are_named_after_their_model():
    names = [
        (model._meta.model_name, c.name) for model in our_models() for c in model._meta.constraints
    ]

    assert [pair for pair in names if not pair[1].startswith(f"{pair[0]}_")] == []


def test_indexes_are_named_by_hand():
    names = [index.name for model in our_models() for index in model._meta.indexes]

    assert [name for name in names if not name or MADE_UP_INDEX.search(name)] == []


def test_what_is_unique_is_a_named_constraint():
    unnamed = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if field.unique and not field.primary_key and not field.one_to_one
    ]

    assert unnamed == []
    assert [m.__name__ for m in our_models() if m._meta.unique_together] == []


def test_migrations_are_named_by_hand():
    names = [
        path.stem for path in (ROOT / "apps").rglob("migrations/*.py") if path.stem != "__init__"
    ]

    assert names
    assert [
        name for name in names if MADE_UP.match(name) or not re.match(r"\d{4}_[a-z]", name)
    ] == []


def test_tasks_are_named_after_their_queue_and_what_they_do():
    names = registered_tasks()

    assert names
    matches = {name: TASK_NAME.match(name) for name in names}
    assert [name for name, match in matches.items() if not match] == []
    assert {match["queue"] for match in matches.values()} <= set(settings.TASK_QUEUES)


def test_what_is_enqueued_is_a_task():
    enqueued = dict(_enqueued_names())

    assert enqueued
    unknown = {place for place, name in enqueued.items() if name not in registered_tasks()}
    assert {place.partition(":")[0] for place in unknown} <= ENQUEUES_BY_VARIABLE


def _enqueued_names() -> Iterator[tuple[str, str | None]]:
    for path in product():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "enqueue":
                name = node.args[0]
                yield at(path, node), name.value if isinstance(name, ast.Constant) else None


def test_tasks_are_doorways():
    files = [path for path in product() if "tasks" in (path.stem, path.parent.name)]
    lengths = {at(path, f, f.name): lines_of(f) for path in files for f in functions(path)}

    assert {place: n for place, n in lengths.items() if n > LONGEST_TASK_LINES} == {}


def test_viewset_actions_are_doorways():
    long = [
        at(path, method, method.name)
        for path in product()
        if "views" in (path.stem, path.parent.name)
        for view in tree(path).body
        if isinstance(view, ast.ClassDef)
        for method in view.body
        if isinstance(method, ast.FunctionDef) and _statements(method) > LONGEST_ACTION_STATEMENTS
    ]

    assert long == []


def _statements(function: ast.FunctionDef) -> int:
    count = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
    return count - (1 if ast.get_docstring(function) else 0)


def test_hot_sql_explains_itself():
    files = list((ROOT / "apps").rglob("*.sql"))

    assert [at(path) for path in files if not path.read_text().startswith(("--", "/*"))] == []


def test_what_is_silenced_has_a_reason():
    silenced = [
        f"{at(path)}:{number}"
        for path in sources(*PLACES)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if SILENCED.search(line)
    ]

    assert silenced == []


def test_nothing_is_left_for_later():
    left = [at(path) for path in product() if re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text())]

    assert left == []


def test_every_test_can_fail():
    written = [(path, function) for path in sources("tests") for function in functions(path)]
    checking = CHECKS | {f.name for _, f in written if _calls(f, {"raises"})}
    toothless = [
        at(path, function, function.name)
        for path, function in written
        if function.name.startswith("test_")
        and function.name not in CHECKED_ELSEWHERE
        and not _calls(function, checking)
    ]

    assert toothless == []


def _calls(function: ast.AST, names: set[str]) -> bool:
    """Whether it asserts, or calls something that does."""
    return any(isinstance(node, ast.Assert) or _name(node) in names for node in ast.walk(function))


def _name(node: ast.AST) -> str:
    called = node.func if isinstance(node, ast.Call) else None
    return getattr(called, "attr", "") or getattr(called, "id", "")


def test_tests_speak_through_their_names():
    explained = [
        at(path, function, function.name)
        for path in sources("tests")
        for function in functions(path)
        if function.name.startswith("test_") and ast.get_docstring(function)
    ]

    assert explained == []


def test_no_test_sleeps_for_a_fixed_time():
    asleep = [
        at(path, node, function.name)
        for path in sources("tests")
        for function in functions(path)
        if function.name.startswith("test_")
        for node in ast.walk(function)
        if _name(node) == "sleep" and isinstance(node.args[0], ast.Constant)
    ]

    assert asleep == []


@pytest.mark.parametrize("place", PLACES[:2])
def test_the_yardstick_finds_something_to_measure(place):
    assert len(sources(place)) > 10
