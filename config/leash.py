"""Run a Python module as a child that ends with its parent: `-m config.leash MODULE ARGS…`.

The parent holds the other end of a pipe. When it closes, however the parent died, the whole
process group ends: its leader is asked first. Works after kill -9, unlike handlers,
and after a change of user, unlike PDEATHSIG.
"""

import os
import runpy
import signal
import sys
import threading
import time

PIPE = "BRAVO_LEASH"
NICE = "BRAVO_NICE"
PATIENCE_SECONDS = 4.0


def _watch(pipe: int) -> None:
    while os.read(pipe, 64):
        pass
    # As long as this group leader lives, nobody else can have its group's number.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_SECONDS)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    pipe = int(os.environ.pop(PIPE))
    os.nice(int(os.environ.pop(NICE, "0")))
    # A shell that started us in the background may have left Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_watch, args=(pipe,), daemon=True).start()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path.insert(0, os.getcwd())
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
