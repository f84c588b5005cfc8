#!/usr/bin/env python
"""Django's command line, with the embedded services where DATABASE_URL is not set."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.embedded import ServicesError, provide

    try:
        if sys.argv[1:2] == ["demo"]:
            from config.demo import environment

            environment.enter()
        provide(sys.argv)
    except ServicesError as error:
        sys.exit(str(error))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
