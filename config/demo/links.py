"""One link per role that signs in: under the demo command only, and only for its own people."""

from django.core import signing
from django.urls import reverse

from crm.models import User

SALT = "bravo.demo.door"
MAX_AGE = 30 * 24 * 3600

# role → the person who stands for it (config/demo/data/people.json)
PEOPLE = {
    "customer": "ada@lumio.example",
    "agent": "bea@lumio.example",
    "manager": "mia@lumio.example",
    "administrator": "admin@lumio.example",
    "auditor": "paul@lumio.example",
}
# who is on shift by a script, four queues and two languages between them
ON_SHIFT = ["amelie", "ines", "julien", "thomas", "sandrine", "gaelle"]
SIMULATED = {f"simulated-{name}": f"{name}@lumio.example" for name in ON_SHIFT}
PEOPLE |= SIMULATED


class NoSuchDoor(Exception):
    """Not a role, not our signature, or too old."""


def link(role: str) -> str:
    """The path of a role's door."""
    if role not in PEOPLE:
        raise NoSuchDoor(role)
    return reverse("demo_enter", args=[role, signing.dumps(role, salt=SALT)])


def people() -> set[str]:
    """The roles whose person is there: not after "remove demo data"."""
    there = User.objects.filter(email__in=PEOPLE.values(), is_active=True)
    emails = set(there.values_list("email", flat=True))
    return {role for role, email in PEOPLE.items() if email in emails}


def email_behind(role: str, token: str) -> str:
    """Whose door it is. Raises NoSuchDoor."""
    try:
        signed = signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        raise NoSuchDoor(role) from None
    if signed != role or role not in PEOPLE:
        raise NoSuchDoor(role)
    return PEOPLE[role]
