"""Reading files that somebody else put there, and writing ours so that nobody sees half of one."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def files_below(root: Path, suffix: str) -> Iterator[Path]:
    """The files below a folder whose names end so, in order of their paths; links to folders are
    not followed.
    """
    for folder, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(suffix))


def read_at_most(path: Path, limit: int, *, inside: Path | None = None) -> bytes:
    """The bytes of a regular file, but not more than limit + 1, by which the caller sees that it is
    too large.

    OSError with a clear sentence for a link that leads out of `inside`, and for whatever is no
    file.
    """
    real = path.resolve(strict=True)
    if inside is not None and not real.is_relative_to(inside.resolve()):
        raise OSError("this is a link that leads out of the folder")
    # A pipe would never end, a device might never begin.
    if not stat.S_ISREG(real.stat().st_mode):
        raise OSError("this is not a regular file")
    with real.open("rb") as file:
        return file.read(limit + 1)


def write_whole(path: Path, data: bytes) -> bool:
    """Put a file in its place at once, replacing what has that name, a link included; False when it
    was there.
    """
    if not path.is_symlink() and path.is_file() and path.read_bytes() == data:
        return False
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_bytes(data)
    half.replace(path)
    return True
