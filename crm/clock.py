"""The only source of business time.

Under the demo and test commands `BRAVO_NOW` shifts it: every process then starts from that
moment and keeps running. Leases, heartbeats, sessions and tokens use `wall()`, which nobody shifts.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_OFFSET_KEY = "BRAVO_NOW_OFFSET"  # seconds, computed once by the parent for all its children


def wall() -> datetime:
    """Real time, for what other machines measure too."""
    return datetime.now(UTC)


def now() -> datetime:
    """Business time, aware. Take it once per operation and pass it down."""
    return wall() + offset()


def offset() -> timedelta:
    """How far business time is from real time; zero outside the demo and the tests."""
    if os.environ.get("BRAVO_DEMO") != "1":
        return timedelta()
    if _OFFSET_KEY not in os.environ:
        os.environ[_OFFSET_KEY] = str(_offset_from(os.environ.get("BRAVO_NOW", "")))
    return timedelta(seconds=float(os.environ[_OFFSET_KEY]))


def _offset_from(text: str) -> float:
    if not text:
        return 0.0
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(os.environ.get("TIME_ZONE", "Europe/Paris")))
    return moment.timestamp() - time.time()
