"""P17: many writers at once, through the API and the admin; the tree is always a tree."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection

from apps.tags.models import Tag, TagMerge, TagName
from apps.tags.selectors import tree_faults
from tests.factories import ProblemFactory, UserFactory
from tests.problems.lists import assert_lists_hold
from tests.staff import browser
from tests.tags.outlines import plant
from tests.tags.writers import writer

WRITERS = 8


@pytest.fixture
def keys(settings: Any) -> tuple[int, str]:
    """A tree with problems on it, and what opens both doors to it: an admin and their session."""
    settings.RATE_LIMITS = {name: (1_000_000, 60) for name in settings.RATE_LIMITS}
    roots = plant({f"Root {number}": {f"Leaf {number}": {}} for number in range(6)})
    for tag in list(roots.values())[:5]:
        ProblemFactory(tags=[tag])
    user = UserFactory(is_staff=True, is_superuser=True)
    session = browser(user).cookies[django_settings.SESSION_COOKIE_NAME].value
    return user.pk, session


def in_threads(operations: int, keys: tuple[int, str]) -> Counter[str]:
    """Let the writers loose; how much was done and refused."""
    writers = [writer(number, *keys) for number in range(WRITERS)]
    faults: list[BaseException] = []

    def run(one: Any) -> None:
        try:
            one.write(operations // WRITERS)
        except BaseException as fault:  # noqa: BLE001 -- whatever it is, the test must see it
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return sum((one.seen for one in writers), Counter())


def in_processes(operations: int, keys: tuple[int, str]) -> Counter[str]:
    """The same with a process for each writer."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.tags.writers", *map(str, (*arguments, *keys))],
            cwd=Path(__file__).resolve().parents[2],
            env=os.environ | {"DATABASE_URL": urlunsplit(url)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for arguments in ((number, operations // WRITERS) for number in range(WRITERS))
    ]
    # Each is read by a thread of its own, so that none waits for a full pipe.
    said: dict[int, tuple[str, str]] = {}
    readers = [
        threading.Thread(target=lambda n=n, p=p: said.update({n: p.communicate()}))
        for n, p in enumerate(processes)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    faults = [said[n][1][-3000:] for n, process in enumerate(processes) if process.returncode]
    assert faults == []
    return sum((Counter(json.loads(out)) for out, _ in said.values()), Counter())


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def assert_sound(seen: Counter[str], *, operations: int) -> None:
    assert tree_faults() == []
    assert_lists_hold()
    assert Tag.objects.count() == TagName.objects.filter(kind="primary").count()
    merged = set(TagMerge.objects.standing().values_list("merged_tag_id", flat=True))
    assert not Tag.objects.filter(pk__in=merged).exists()
    assert deadlocks() == 0
    assert seen["done"] > operations // 5
    assert seen["refused"] > 0


@pytest.mark.django_db(transaction=True)
def test_eight_writers_through_api_and_admin_leave_a_sound_tree(keys):
    seen = in_threads(120, keys)

    assert_sound(seen, operations=120)


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_two_thousand_mixed_writes_of_eight_processes_leave_a_sound_tree(keys):
    seen = in_processes(2000, keys)

    assert_sound(seen, operations=2000)
