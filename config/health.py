"""Two questions a machine may ask: is the process alive, and can the whole work."""

from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis import Redis
from redis.exceptions import RedisError

from crm.services import pulses


@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """GET /healthz: this process answers; nothing else is asked."""
    return JsonResponse({"ok": True})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """GET /readyz: 503 while a part is missing; no secrets, so anybody may ask."""
    parts = {
        "database": _part(_database),
        "migrations": _part(_migrations),
        "redis": _part(_redis),
        **_pulses(),
    }
    ok = all(part["ok"] for part in parts.values())
    response = JsonResponse({"ok": ok, **parts}, status=200 if ok else 503)
    # Asked every few moments while we start: not an error for the log each time.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _part(question: Callable[[], bool]) -> dict[str, Any]:
    began = monotonic()
    try:
        ok = question()
    except (DatabaseError, RedisError, OSError):
        ok = False
    return {"ok": ok, "ms": round((monotonic() - began) * 1000, 1)}


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


_migrated = False


def _migrations() -> bool:
    """Asked of the database until it is true once; a running process cannot un-migrate."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


@cache
def _client() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5)


def _redis() -> bool:
    return bool(_client().ping())


def _pulses() -> dict[str, dict[str, Any]]:
    try:
        ages = pulses.ages()
    except DatabaseError:
        ages = dict.fromkeys(pulses.NAMES)
    limit = pulses.TOO_OLD.total_seconds()
    return {
        name: {"ok": age is not None and age <= limit, "age": age} for name, age in ages.items()
    }
