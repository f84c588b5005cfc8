"""What a page says about itself and its reader, taken with care: any host may send anything."""

from typing import Any

from chat import invitations
from chat.views import frame

_MOST = 20  # keys of host data, events
_LONGEST = 200


def read(data: frame.Data) -> invitations.Page:
    return invitations.Page(
        url=frame.text(data, "url", 2000),
        title=frame.text(data, "title", _LONGEST),
        seconds=frame.number(data, "seconds"),
        typing=data.get("typing") is True,
        refused_before=data.get("refused") is True,
        scroll=min(frame.number(data, "scroll"), 100),
        leaving=data.get("leaving") is True,
        site_seconds=frame.number(data, "site_seconds"),
        pages=max(1, frame.number(data, "pages")),
        referrer=frame.text(data, "referrer", 500),
        returning=data.get("returning") is True,
        invited_days=None
        if data.get("invited_days") is None
        else frame.number(data, "invited_days"),
        consent=data.get("consent") is True,
        data=_host_data(data.get("data")),
        events=_events(data.get("events")),
    )


def _host_data(given: object) -> dict[str, Any]:
    """The host's own words about its page, such as {"basket": 120}; what is no plain value is left
    out."""
    if not isinstance(given, dict):
        return {}
    plain = {
        str(key)[:60]: value[:_LONGEST] if isinstance(value, str) else value
        for key, value in list(given.items())[:_MOST]
        if isinstance(value, bool | int | float | str)
    }
    return {k: v for k, v in plain.items() if not isinstance(v, str) or "\x00" not in v}


def _events(given: object) -> tuple[str, ...]:
    if not isinstance(given, list):
        return ()
    return tuple(name[:60] for name in given[-_MOST:] if isinstance(name, str))
