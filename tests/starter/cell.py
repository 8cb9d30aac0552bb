"""Runs one block of a solution, locked in: `python -I cell.py FILE`, in the folder it may use.

A guard against our own slips, not against an enemy: limits of the kernel for memory and time, and
an audit hook, which Python code cannot take off again, for network, programs and files elsewhere.
It needs no rights, so it is the same for root and for an ordinary user.
"""

import os
import resource
import runpy
import sys
import threading

MEMORY = 256 * 1024 * 1024
SECONDS = 10
HOME = os.path.realpath(os.getcwd())
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# Making a socket is allowed, as each asyncio loop makes a pair of them for itself.
CLOSED = {
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.forkpty",
    "ctypes.dlopen",
}


def keep_in(event, args):
    if event in CLOSED:
        raise PermissionError(f"a block may not use {event}")
    if event == "open" and isinstance(args[0], str | bytes) and args[2] & WRITING:
        path = os.path.realpath(os.fsdecode(args[0]))
        if os.path.commonpath([HOME, path]) != HOME:
            raise PermissionError(f"a block may not write to {path}")


resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
# Each thread takes its whole stack out of the limit, 8 MiB unless told otherwise.
threading.stack_size(512 * 1024)
sys.addaudithook(keep_in)
runpy.run_path(sys.argv[1], run_name="__main__")
