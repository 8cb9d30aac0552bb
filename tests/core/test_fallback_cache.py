"""The cache when Redis answers, refuses, and accepts without ever answering."""

import socket
import time
from uuid import uuid4

import pytest

from apps.core import fallback_cache
from apps.core.fallback_cache import FallbackRedisCache


def cache_at(url: str) -> FallbackRedisCache:
    params = {
        "KEY_PREFIX": uuid4().hex,
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
    return FallbackRedisCache(url, params)


@pytest.fixture
def shared(settings):
    return cache_at(settings.CACHE_URL)


@pytest.fixture
def refusing():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return cache_at(f"redis://127.0.0.1:{port}/1")


@pytest.fixture
def frozen():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield cache_at(f"redis://127.0.0.1:{listener.getsockname()[1]}/1")


def test_redis_is_used_while_it_answers(shared, settings):
    shared.set("key", "value")
    again = FallbackRedisCache(settings.CACHE_URL, {"KEY_PREFIX": shared.key_prefix})

    assert again.get("key") == "value"
    assert not shared.is_away()


def test_counting_up_a_missing_key_is_no_failure_of_redis(shared):
    with pytest.raises(ValueError, match="not found"):
        shared.incr("missing")

    assert not shared.is_away()


def test_every_operation_works_without_redis(refusing):
    assert refusing.add("count", 1)
    assert not refusing.add("count", 1)
    assert refusing.incr("count") == 2
    refusing.set_many({"a": 1, "b": 2})
    assert refusing.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
    assert refusing.has_key("a")
    assert refusing.touch("a")
    assert refusing.delete("a")
    refusing.delete_many(["b"])
    assert refusing.get("b", "gone") == "gone"
    refusing.clear()
    assert refusing.get("count") is None
    assert refusing.is_away()


def test_a_frozen_redis_costs_its_timeout_once_and_then_nothing(frozen):
    started = time.monotonic()
    frozen.set("key", "value")
    first = time.monotonic() - started
    for _ in range(100):
        assert frozen.get("key") == "value"
    rest = time.monotonic() - started - first

    assert first < 0.5
    assert rest < 0.2


def test_redis_is_asked_again_after_the_break(monkeypatch):
    monkeypatch.setattr(fallback_cache, "BREAK_S", 0.0)
    refusing = cache_at("redis://127.0.0.1:1/2")
    refusing.set("key", "value")

    assert not refusing.is_away()


def test_what_one_thread_found_away_is_left_alone_by_all(refusing):
    refusing.get("key")
    other_thread = cache_at(refusing._servers[0])

    assert other_thread.is_away()


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(fallback_cache, "LOCAL_ENTRIES", 50)
    cache = cache_at("redis://127.0.0.1:1/1")

    for number in range(200):
        cache.set(f"key{number}", number)

    assert len(cache._memory._cache) <= 50
    assert cache.get("key199") == 199
