"""`make bench ONLY=name`: one JSON object a line; without a name all of them, one after another.

A bench is a module here with `run() -> Iterator[Figure]`. It runs on embedded services of its
own, durable as in production, unless DATABASE_URL and REDIS_URL name others. BENCH_SIZE scales it.
"""

import importlib
import json
import os
import pkgutil
import sys
import tempfile
from pathlib import Path

import bench
from bench.figure import Figure

FRAME = ("figure",)  # modules here that are no bench


def names() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules(bench.__path__))
    return sorted(name for name in found if not name.startswith("_") and name not in FRAME)


def show(name: str, figure: Figure) -> None:
    print(json.dumps({"bench": name, **figure.as_dict()}), flush=True)


def main(wanted: list[str]) -> int:
    known = names()
    if unknown := set(wanted) - set(known):
        print(f"No bench named {', '.join(unknown)}. There are: {', '.join(known)}.")
        return 2
    from config import embedded

    with tempfile.TemporaryDirectory(prefix="bravo-bench-", ignore_cleanup_errors=True) as folder:
        var = Path(folder).resolve()
        var.chmod(0o711)  # root's servers run as `nobody`, who must be able to pass
        os.environ.update(VAR_DIR=str(var), BRAVO_DEMO="1", LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        try:
            embedded.provide()
            _prepare()
            for name in wanted or known:
                for figure in importlib.import_module(f"bench.{name}").run():
                    show(name, figure)
        except embedded.ServicesError as error:
            sys.exit(str(error))
        finally:
            embedded.release(var)
            embedded.remove(var)
    return 0


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
