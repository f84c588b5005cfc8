"""Years of exchanges for bench/reports: rows made by PostgreSQL, carried over by COPY, a batch at a
time. Only what the figures read is filled in; everything else has the models' defaults."""

import json
from typing import Any

A_DAY = 9_132  # exchanges: 10,000,000 in three years
_BATCH = 100_000
_OFFERED = (
    "timestamptz '{first}' + make_interval(days => g / {a_day}) "
    "+ make_interval(secs => 28800 + (g % {a_day}) * 43200.0 / {a_day})"
)
# g is the number of an exchange, r a draw of its own from 0 to 1
_EXCHANGE = {
    "id": "g + 1",
    "customer_id": "1 + g % {customers}",
    "channel": "(ARRAY['chat','chat','chat','mail','callback'])[1 + g % 5]",
    "status": "'closed'",
    "language": "CASE WHEN g % 11 = 0 THEN 'en' ELSE 'fr' END",
    "device": "(ARRAY['mobile','desktop',''])[1 + g % 3]",
    "origin": "(ARRAY['button','form','mail'])[1 + g % 3]",
    "queue_id": "({queues})[1 + g % 4]",
    "agent_id": "({agents})[1 + (g * 7) % 60]",
    "closed_by_id": "({agents})[1 + (g * 7) % 60]",
    "real_subject_id": "({subjects})[1 + floor(40 * r * r)::int]",
    "outcome": "(ARRAY['solved','solved','informed','promised','order'])[1 + (g / 3) % 5]",
    "opened_at": "offered",
    "offered_at": "offered",
    "first_customer_at": "offered",
    "assigned_at": "offered + make_interval(secs => 60 * r)",
    "first_answer_at": "offered + make_interval(secs => 60 * r + 5)",
    "last_customer_at": "offered + make_interval(secs => 200 + 900 * r)",
    "last_agent_at": "offered + make_interval(secs => 210 + 900 * r)",
    "closed_at": "offered + make_interval(secs => 240 + 900 * r)",
    "handled_at": "offered + make_interval(secs => 260 + 900 * r)",
    "score": "CASE WHEN g % 4 = 0 THEN 1 + floor(5 * sqrt(r))::int END",
}
_WORK = {
    "agent_id": "({agents})[1 + (g * 7) % 60]",
    "interaction_id": "g + 1",
    "kind": "CASE WHEN g % 5 = 4 THEN 'call' ELSE 'write' END",
    "since": "offered + make_interval(secs => 60 * r)",
    "until": "offered + make_interval(secs => 210 + 500 * r)",
}
_STATES = """
SELECT ({agents})[a], (ARRAY['working','available','working','wrap_up','break'])[1 + (a + n) % 5],
  '', began, began + interval '30 minutes'
FROM generate_series(0, {days} - 1) d, generate_series(1, 60) a, generate_series(0, 23) n,
  LATERAL (SELECT timestamptz '{first}' + make_interval(days => d, mins => 480 + 30 * n) AS began) w
ORDER BY d, n, a
"""


def write(first: int, last: int, named: dict[str, Any]) -> None:
    """Exchanges number `first` to `last`, without the last."""
    from crm.models import Interaction, WorkSegment

    for start in range(first, last, _BATCH):
        end = min(start + _BATCH, last)
        _carry(Interaction, _EXCHANGE, start, end, named)
        _carry(WorkSegment, _WORK, start, end, named)


def write_states(days: int, named: dict[str, Any]) -> None:
    """Twenty-four half hours a day, of each agent."""
    from django.db import connection

    columns = "agent_id, state, reason, since, until"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO crm_agentstate ({columns}) {_STATES.format(days=days, **named)}"
        )


def _carry(model: Any, made: dict[str, str], first: int, last: int, named: dict[str, Any]) -> None:
    """Triggers and keys are left out: a bulk load is counted afterwards, as a whole."""
    from django.db import connection

    columns = {**defaults(model), **{name: path.format(**named) for name, path in made.items()}}
    if "id" not in made:
        columns.pop("id", None)
    offered = _OFFERED.format(a_day=A_DAY, **named)
    rows = (
        f"SELECT {', '.join(columns.values())} FROM (SELECT g, random() AS r, {offered} AS offered "
        f"FROM generate_series({first}, {last - 1}) g) one ORDER BY g"
    )
    names = ", ".join(f'"{name}"' for name in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with cursor.cursor.copy(f"COPY ({rows}) TO STDOUT") as found:
            data = b"".join(bytes(part) for part in found)
        with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copied:
            copied.write(data)
        cursor.execute("SET session_replication_role = DEFAULT")


def defaults(model: Any) -> dict[str, str]:
    """Of the columns that must not be null, as SQL."""
    found = {}
    for one in model._meta.concrete_fields:
        value = one.get_default()
        if one.generated or one.null or one.primary_key or value is None:
            continue
        text = json.dumps(value) if isinstance(value, dict) else value
        found[one.column] = "'{}'" if value == [] else f"'{text}'"
    return found
