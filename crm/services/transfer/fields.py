"""What a column may mean, and which headings say so."""

from django.utils.translation import gettext as _

from crm.models import OwnField
from crm.services import own_fields
from crm.text import sort_key

About = OwnField.About
# field: the headings, folded, that mean it
_CUSTOMER: dict[str, list[str]] = {
    "external": ["external number", "numero externe", "customer number", "numero client", "id"],
    "civility": ["civility", "civilite", "titre", "title"],
    "first_name": ["first name", "prenom", "firstname", "given name"],
    "last_name": ["last name", "nom", "lastname", "surname", "nom de famille"],
    "mail": ["mail", "email", "e mail", "courriel", "adresse e mail", "adresse mail"],
    "phone": ["phone", "telephone", "tel", "mobile", "portable", "numero de telephone"],
    "language": ["language", "langue"],
    "time_zone": ["time zone", "fuseau horaire"],
    "town": ["town", "ville", "city"],
    "organisation": ["organisation", "organization", "societe", "entreprise", "company"],
}
KNOWN: dict[str, dict[str, list[str]]] = {
    About.CUSTOMER: _CUSTOMER,
    About.ORGANISATION: {
        "name": ["name", "nom", *_CUSTOMER["organisation"], "raison sociale"],
        "domains": ["domains", "domaines", "mail domains", "domaines de messagerie"],
    },
    About.INTERACTION: {
        "reference": ["reference", "numero", "number", "demande", "request"],
    },
}
# without one of them a row is nobody's
KEYS: dict[str, set[str]] = {
    About.CUSTOMER: {"external", "mail", "phone"},
    About.ORGANISATION: {"name"},
    About.INTERACTION: {"reference"},
}
OWN = "own."


def choices(about: str) -> list[tuple[str, str]]:
    """(field, label) for the screen on which columns get their meaning."""
    own = own_fields.definitions(about)
    labels = _labels()
    return [
        *((field, labels[field]) for field in KNOWN[about]),
        *((f"{OWN}{field.key}", field.name) for field in own),
    ]


def _labels() -> dict[str, str]:
    return {
        "external": _("External number (the key)"),
        "civility": _("Civility"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "mail": _("Email address"),
        "phone": _("Phone number"),
        "language": _("Language (fr, en)"),
        "time_zone": _("Time zone"),
        "town": _("Town"),
        "organisation": _("Organisation"),
        "name": _("Name (the key)"),
        "domains": _("Mail domains"),
        "reference": _("Number of the exchange (the key)"),
    }


def guess(columns: list[str], about: str) -> dict[str, str]:
    """Column → field by its heading; each field once."""
    own = {
        word: f"{OWN}{field.key}"
        for field in own_fields.definitions(about)
        for word in (sort_key(field.name_fr), sort_key(field.name_en), sort_key(field.key))
        if word
    }
    known = own | {word: field for field, heads in KNOWN[about].items() for word in heads}
    known |= {sort_key(field): field for field in KNOWN[about]}
    found: dict[str, str] = {}
    for column in columns:
        field = known.get(sort_key(column), "")
        found[column] = field if field not in found.values() else ""
    return found
