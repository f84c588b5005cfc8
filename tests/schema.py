"""The test database's tables: migrated once, then copied by every worker and every later run.

Migrations cost seconds, most of them Django's own bookkeeping. So the first worker migrates a
template database, the others copy it, and `pg_dump` keeps it in `.pytest_cache` under the hash of
all migrations. pytest-django still runs `migrate` on its copy, and finds nothing to do.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql

from config.embedded.places import places, postgres_bin, var_dir

__all__ = ["django_db_modify_db_settings"]

# what `migrate` fills: emptied with the rest it would be made anew after each test
_KEPT = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
}
_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    """pytest-django's hook before it makes its database: hand it a template."""
    name = f"bravo_template_{_fingerprint()}"
    with django_db_blocker.unblock(), _one_at_a_time():
        if not _exists(name):
            _make(name)
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = name
    connection.settings_dict["TEST"]["TEMPLATE"] = name


def _fingerprint() -> str:
    seen = hashlib.sha256(version("django").encode())
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for path in sorted(Path(app.path).glob("migrations/*.py")):
            seen.update(f"{app.label}/{path.name}".encode() + path.read_bytes())
    return seen.hexdigest()[:20]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Among the workers of this run."""
    with (Path(os.environ["VAR_DIR"]) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _at(name: str) -> psycopg.Connection:
    entry = settings.DATABASES["default"]
    return psycopg.connect(
        dbname=name,
        host=entry["HOST"] or None,
        port=entry["PORT"] or None,
        user=entry["USER"] or None,
        password=entry["PASSWORD"] or None,
        autocommit=True,
    )


def _exists(name: str) -> bool:
    with _at("postgres") as server:
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def _make(name: str) -> None:
    draft = f"{name}_draft"
    with _at("postgres") as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(draft))
        )
    kept = _ROOT / ".pytest_cache" / "schema" / f"{name}.sql"
    if not (kept.exists() and _psql(draft, kept)):
        _migrate(draft)
        _keep(draft, kept)
    with _at("postgres") as server:
        server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(draft), sql.Identifier(name)
            )
        )


def _migrate(draft: str) -> None:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = draft
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _psql(draft: str, kept: Path) -> bool:
    done = _run("psql", draft, "--quiet", "--set=ON_ERROR_STOP=1", f"--file={kept}")
    return done is not None and done.returncode == 0


def _keep(draft: str, kept: Path) -> None:
    """For the next run; without pg_dump on this machine there is none to keep."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob("*"):
        old.unlink(missing_ok=True)
    fresh = kept.with_suffix(".new")
    done = _run("pg_dump", draft, "--no-owner", f"--file={fresh}")
    with suppress(FileNotFoundError):
        if done is not None and done.returncode == 0:
            fresh.rename(kept)


def _run(program: str, draft: str, *more: str) -> subprocess.CompletedProcess[bytes] | None:
    path = _program(program)
    if path is None:
        return None
    entry = settings.DATABASES["default"]
    where = {"PGHOST": entry["HOST"], "PGPORT": str(entry["PORT"]), "PGUSER": entry["USER"]}
    secret = {"PGPASSWORD": entry["PASSWORD"]}
    given = {key: value for key, value in {**where, **secret}.items() if value}
    return subprocess.run(
        [path, f"--dbname={draft}", *more], env={**os.environ, **given}, capture_output=True
    )


def _program(name: str) -> str | None:
    """The embedded server's own, which is of its version; else the machine's."""
    folder = postgres_bin(places(var_dir()))
    own = folder / name if folder else None
    return str(own) if own and own.exists() else shutil.which(name)


def empty_the_tables(_test: TransactionTestCase | None = None) -> None:
    """Instead of Django's flush, after a test with real transactions. TRUNCATE makes a new file for
    each of eight hundred tables and indexes; most tests have touched twenty."""
    tables = set(connection.introspection.django_table_names(only_existing=True)) - _KEPT
    touched = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in sorted(tables)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(touched)
        rows = cursor.fetchall()
        # no trigger, no foreign key: all of it goes
        cursor.execute("SET LOCAL session_replication_role = replica")
        for (table,) in rows:
            cursor.execute(f"DELETE FROM {table}")


TransactionTestCase._fixture_teardown = empty_the_tables  # type: ignore[attr-defined]
