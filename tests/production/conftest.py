"""The image as far as it can be built here: its files, in a folder of their own."""

import subprocess
from pathlib import Path

import pytest

from tests.browser import browser
from tests.production.shape import PATH, build_tree, stages

__all__ = ["browser", "image"]


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile copies, with its own command for static files run over it."""
    home = build_tree(tmp_path_factory.mktemp("image"))
    collect = next(rest for word, rest in stages()[0] if word == "RUN" and "collectstatic" in rest)
    subprocess.run(["sh", "-ec", collect], cwd=home, env={"PATH": PATH}, check=True)
    return home
