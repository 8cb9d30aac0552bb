"""The cache: Redis with short time-outs and, while Redis is away, a bounded memory of this process.

Counters restart at zero when the side changes; whoever counts something that matters asks
`is_away()` and counts more strictly, or counts in the database besides.
"""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from apps.core.breaker import Breaker

# Seconds for which Redis is left alone after a failure.
BREAK_S = 5.0
LOCAL_ENTRIES = 20_000


# One of each per server and process, for Django makes a cache object per thread.
_breakers: dict[str, Breaker] = {}
_clients: dict[str, Any] = {}


class FallbackRedisCache(RedisCache):
    """Django's Redis cache that falls back to memory instead of failing."""

    # Django's own, which the stubs leave out.
    _servers: Any
    _class: Any
    _options: dict[str, Any]

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, dict(params))
        self._key = f"{server} {self._options}"
        self._breaker = _breakers.setdefault(self._key, Breaker("cache", pause_s=BREAK_S))
        self._memory = LocMemCache(
            f"fallback {server}",
            {"KEY_PREFIX": self.key_prefix, "OPTIONS": {"MAX_ENTRIES": LOCAL_ENTRIES}},
        )

    @property
    def _cache(self) -> Any:
        # redis-py's connection pools may be shared; a pool per thread would leak its connections.
        if self._key not in _clients:
            _clients.setdefault(self._key, self._class(self._servers, **self._options))
        return _clients[self._key]

    def is_away(self) -> bool:
        """Whether this process counts on its own at the moment."""
        return self._breaker.is_open()


def _with_fallback(name: str) -> Callable[..., Any]:
    on_redis, in_memory = getattr(RedisCache, name), getattr(LocMemCache, name)

    def operation(self: FallbackRedisCache, *args: Any, **kwargs: Any) -> Any:
        if not self._breaker.is_open():
            try:
                result = on_redis(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                self._breaker.failed(error)
            else:
                self._breaker.answered()
                return result
        return in_memory(self._memory, *args, **kwargs)

    operation.__name__ = name
    return operation


for _name in (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "get_many",
    "has_key",
    "incr",
    "set_many",
    "delete_many",
    "clear",
):
    setattr(FallbackRedisCache, _name, _with_fallback(_name))
