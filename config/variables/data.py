"""Where the database and the queue are."""

from config.environment import Variable, optional, url

_REDIS = ("redis", "rediss")
_POSTGRESQL = ("postgresql", "postgres")

DATA = (
    Variable(
        name="DATABASE_URL",
        meaning="PostgreSQL 18: `postgresql://user:password@host:port/database`; `?host=/folder` "
        "for a socket.",
        read=url(*_POSTGRESQL),
        is_required=True,
        is_secret=True,
        example="postgresql://challenge:password@db.internal:5432/challenge",
    ),
    Variable(
        name="DATABASE_PASSWORD",
        meaning="Stands in for the password in `DATABASE_URL`.",
        is_secret=True,
    ),
    Variable(
        name="DATABASE_DIRECT_URL",
        meaning="The same database past a connection pooler, for the lock that beats lead by.",
        read=optional(url(*_POSTGRESQL)),
        is_secret=True,
        example="postgresql://challenge:password@db.internal:5432/challenge",
    ),
    Variable(
        name="REDIS_URL",
        meaning="Redis or Valkey, without a database number.",
        read=url(*_REDIS),
        is_required=True,
        is_secret=True,
        example="redis://redis.internal:6379",
    ),
    Variable(
        name="BROKER_URL",
        meaning="The queue. Append-only, and never evicting.",
        read=url(*_REDIS),
        default="$REDIS_URL/0",
        is_secret=True,
    ),
    Variable(
        name="CACHE_URL",
        meaning="The cache and the rate limits. May be lost at any time.",
        read=url(*_REDIS),
        default="$REDIS_URL/1",
        is_secret=True,
    ),
)
