"""The order in which a bucket of subscribers walks the bank: pure, the Python twin of
ranking_insert.sql.
"""

from hashlib import md5
from uuid import UUID

# Subscribers are spread over this many orders, so that a day's picks are not the same six problems.
BUCKET_COUNT = 32
TIERS = {"tier1_manual": 1, "tier2_ai": 2, "tier3_needs_review": 3}


def rank(uuid: UUID | str, bucket: int) -> int:
    """The problem's place in one bucket's order: evenly spread over 0 … 2**31 - 1, the same on
    every machine.

    The first 32 bits of the hash, less the last one, so that it fits PostgreSQL's signed integer.
    """
    digest = md5(f"{uuid}:{bucket}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) >> 1
