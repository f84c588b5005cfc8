"""The product's own server for a bench: a real Daphne or uvicorn in its own process, and what it
costs."""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def cpu(pid: int) -> float:
    """Seconds of CPU a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Bytes of a process that no other shares."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        found = dict(line.split(":") for line in list(file)[1:])
    return sum(int(found[name].split()[0]) for name in ("Private_Clean", "Private_Dirty")) * 1024


_APPLICATION = "bench._chat_server:application"
_COMMANDS = {
    "daphne": "-m daphne -b 127.0.0.1 -v 0 -p {port}",
    "uvicorn": "-m uvicorn --log-level error --lifespan off --ws websockets-sansio --port {port}",
}


@contextmanager
def server(kind: str = "daphne") -> Iterator[tuple[int, subprocess.Popen]]:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a socket is a file, here and there
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *_COMMANDS[kind].format(port=port).split(), _APPLICATION],
        env={**os.environ, "PORT": str(port), "DB_POOL": "1"},
    )
    try:
        _wait(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen) -> None:
    for _try in range(600):
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)  # nobody tells when another process listens
    raise RuntimeError("the server does not answer")
