"""What a finding is, and who looks for them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is: nothing to do; look at it; it does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: about what, how it stands, and what to do unless it is well."""

    state: State
    about: str
    words: str
    todo: str = ""

    def __str__(self) -> str:
        todo = f" Do: {self.todo}" if self.todo else ""
        return f"{self.state:<4}  {self.about}: {self.words}{todo}"


Check = Callable[[], Iterable[Finding]]

_checks: list[tuple[str, Check]] = []


def register(about: str, check: Check) -> None:
    """Let doctor ask this as well; after what is registered already."""
    _checks.append((about, check))


def examine() -> Iterator[Finding]:
    """Ask every check. One that breaks is a finding itself, and stops no other."""
    for about, check in tuple(_checks):
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 -- it becomes the finding
            words = " ".join(str(error).split()) or type(error).__name__
            yield fail(about, f"could not be looked at: {words}.", "Mend what is said above first.")


def ok(about: str, words: str) -> Finding:
    """All is well."""
    return Finding(State.OK, about, words)


def warn(about: str, words: str, todo: str) -> Finding:
    """It works, but should not stay so."""
    return Finding(State.WARN, about, words, todo)


def fail(about: str, words: str, todo: str) -> Finding:
    """It does not work."""
    return Finding(State.FAIL, about, words, todo)
