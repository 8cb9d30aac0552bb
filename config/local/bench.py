"""`make bench`: the short form of every benchmark, whatever the environment says about servers."""

import os
import sys

from config.local.suite import own_environment

if __name__ == "__main__":
    command = [sys.executable, "-m", "bench", *(sys.argv[1:] or ["all"])]
    os.execve(sys.executable, command, own_environment(os.environ))
