"""How often somebody may do something: fixed windows, counted in Redis.

With Redis away each process counts for itself: a limit then lets through at most as many times
more as there are processes, and never stops the product.
"""

import ipaddress
import logging
import threading
import time

import redis
from django.conf import settings
from django.http import HttpRequest
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5.0  # how long a Redis that failed is left alone
_MOST_KEYS = 10_000  # of the fallback's memory, emptied when full

_lock = threading.Lock()
_memory: dict[str, tuple[int, int]] = {}
_client: redis.Redis | None = None
_away_until = 0.0


def allow(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one more `what` by `who`; False once there were more than `limit` in the window."""
    window = int(time.time()) // seconds
    key = f"limit:{what}:{who}:{seconds}"
    count = _count_in_redis(f"{key}:{window}", seconds)
    return (_count_here(key, window) if count is None else count) <= limit


def sender(request: HttpRequest) -> str:
    """Whose window a request counts in: its address, for IPv6 the /64 a household owns."""
    text = str(request.META.get("REMOTE_ADDR") or "")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text or "local"  # a Unix socket has no address
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    return str(address)


def forget() -> None:
    """Start every count of this process again, and try Redis at once (tests)."""
    global _client, _away_until
    with _lock:
        _memory.clear()
        _client, _away_until = None, 0.0


def _redis() -> redis.Redis:
    """One for all threads: a client that is dropped closes its connections under whoever uses
    them."""
    global _client
    with _lock:
        if _client is None:
            _client = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_connect_timeout=0.2,
                socket_timeout=0.2,
                retry=Retry(NoBackoff(), 0),
            )
        return _client


def _count_in_redis(key: str, seconds: int) -> int | None:
    global _away_until
    if time.monotonic() < _away_until:
        return None
    try:
        pipe = _redis().pipeline(transaction=False)
        pipe.incr(key)
        pipe.expire(key, seconds + 1)
        return int(pipe.execute()[0])
    except (redis.RedisError, OSError) as error:
        _away_until = time.monotonic() + _RETRY_SECONDS
        log.warning("limits: Redis is away (%s), counting per process", type(error).__name__)
        return None


def _count_here(key: str, window: int) -> int:
    with _lock:
        if len(_memory) >= _MOST_KEYS:
            _memory.clear()
        known, count = _memory.get(key, (window, 0))
        count = count + 1 if known == window else 1
        _memory[key] = (window, count)
        return count
