"""Answers kept as bytes in this process, each for as long as nothing it is made of has changed.

For what many ask and few change: the lists that anybody may read.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.caching import etag_of_bytes
from apps.core.renderers import OrjsonRenderer, to_json
from apps.core.revisions import present_revision

# In each process. A page of problems has 30 KB, a tree of 1,000 tags 150 KB.
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The body of an answer, its tag, and the state that it was made from."""

    revision: str
    body: bytes
    etag: str


class KeptResponse(Response):
    """A kept answer on its way out."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__()
        self.body, self.etag = kept.body, kept.etag

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]  # -- the stub wants text
        self["Content-Type"] = OrjsonRenderer.media_type
        return self.body


class Shelf:
    """The answers last asked for, by address, as many as there is room for."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._size = 0
        self._answers: OrderedDict[str, KeptAnswer] = OrderedDict()
        # gunicorn's threads share it.
        self._lock = Lock()

    def find(self, address: str, revision: str) -> KeptAnswer | None:
        """What was kept for an address, unless it was made from another state."""
        with self._lock:
            found = self._answers.get(address)
            if found is None or found.revision != revision:
                return None
            self._answers.move_to_end(address)
            return found

    def keep(self, address: str, answer: KeptAnswer) -> None:
        """Put it in the place of what was there; what nobody asked for the longest makes room."""
        with self._lock:
            self._forget(self._answers.pop(address, None))
            self._answers[address] = answer
            self._size += len(answer.body)
            while self._size > self._most_bytes:
                self._forget(self._answers.popitem(last=False)[1])

    def _forget(self, answer: KeptAnswer | None) -> None:
        self._size -= len(answer.body) if answer else 0


_shelf = Shelf(MOST_BYTES)


def kept_answer(request: Request, topics: Iterable[str], make: Callable[[], Any]) -> Response:
    """What `make` gives, made once for each address and state of the topics.

    Only for what does not depend on who asks.
    """
    revision = present_revision(topics)
    if revision is None:
        return Response(make())
    # The links to other pages in a list name the host that it was asked under.
    address = request.build_absolute_uri()
    kept = _shelf.find(address, revision)
    if kept is None:
        body = to_json(make())
        kept = KeptAnswer(revision, body, etag_of_bytes(body))
        _shelf.keep(address, kept)
    return KeptResponse(kept)
