from uuid import UUID

import pytest
from django.db import connection

from apps.problems.rank import BUCKET_COUNT, TIERS, rank

UUIDS = [UUID(int=number * 0x1234_5678_9ABC_DEF0_1234_5678) for number in range(1, 60)]


def test_a_rank_never_changes():
    assert rank(UUID("693dfe1b-a0e8-416a-be41-dbe4ea9e68c3"), 0) == 1066594517
    assert rank("693dfe1b-a0e8-416a-be41-dbe4ea9e68c3", 31) == 1932923210


@pytest.mark.django_db
def test_the_database_computes_the_same_ranks():
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT uuid, bucket,
                      ('x' || left(md5(uuid::text || ':' || bucket), 8))::bit(32)::bigint >> 1
               FROM unnest(%s::uuid[]) AS uuid, generate_series(0, 31) AS bucket""",
            [[str(uuid) for uuid in UUIDS]],
        )
        rows = cursor.fetchall()

    assert len(rows) == len(UUIDS) * BUCKET_COUNT
    assert [found for _, _, found in rows] == [rank(uuid, bucket) for uuid, bucket, _ in rows]


def test_ranks_fit_a_signed_integer_and_differ_between_buckets():
    ranks = {rank(uuid, bucket) for uuid in UUIDS for bucket in range(BUCKET_COUNT)}

    assert all(0 <= one < 2**31 for one in ranks)
    assert max(ranks) > 2**30
    assert len(ranks) == len(UUIDS) * BUCKET_COUNT


def test_the_best_checked_come_first():
    assert TIERS == {"tier1_manual": 1, "tier2_ai": 2, "tier3_needs_review": 3}
