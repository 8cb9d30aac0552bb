"""Where the database and the queue are."""

from config.connections import database_url
from config.environment import Variable
from config.readers import optional, redis_database, redis_server

DATA = (
    Variable(
        name="DATABASE_URL",
        meaning="PostgreSQL 18: `postgresql://user:password@host:port/database`; `?host=/folder` "
        "for a socket.",
        read=database_url,
        is_required=True,
        is_secret=True,
        example="postgresql://challenge:password@db.internal:5432/challenge",
    ),
    Variable(
        name="DATABASE_PASSWORD",
        meaning="Stands in for the password in `DATABASE_URL` and `DATABASE_DIRECT_URL`.",
        is_secret=True,
    ),
    Variable(
        name="DATABASE_DIRECT_URL",
        meaning="The same database past a connection pooler, for the lock that beats lead by.",
        read=optional(database_url),
        is_secret=True,
        example="postgresql://challenge:password@db.internal:5432/challenge",
    ),
    Variable(
        name="REDIS_URL",
        meaning="Redis or Valkey, without a database number.",
        read=redis_server,
        is_required=True,
        is_secret=True,
        example="redis://redis.internal:6379",
    ),
    Variable(
        name="BROKER_URL",
        meaning="The queue. Append-only, and never evicting.",
        read=redis_database,
        default="$REDIS_URL/0",
        is_secret=True,
    ),
    Variable(
        name="CACHE_URL",
        meaning="The cache and the rate limits. May be lost at any time.",
        read=redis_database,
        default="$REDIS_URL/1",
        is_secret=True,
    ),
)
