"""What a column may mean, and which headings say so."""

from django.utils.translation import gettext as _

from crm.models import OwnField
from crm.services import own_fields
from crm.text import sort_key

# field: the headings, folded, that mean it; the first is the export's own
KNOWN: dict[str, list[str]] = {
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
OWN = "own."


def choices() -> list[tuple[str, str]]:
    """(field, label) for the screen on which columns get their meaning."""
    labels = {
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
    }
    own = own_fields.definitions(OwnField.About.CUSTOMER)
    return [*labels.items(), *((f"{OWN}{field.key}", field.name) for field in own)]


def guess(columns: list[str]) -> dict[str, str]:
    """Column → field by its heading; each field once."""
    own = {
        word: f"{OWN}{field.key}"
        for field in own_fields.definitions(OwnField.About.CUSTOMER)
        for word in (sort_key(field.name_fr), sort_key(field.name_en), sort_key(field.key))
        if word
    }
    known = own | {word: field for field, heads in KNOWN.items() for word in heads}
    known |= {sort_key(field): field for field in KNOWN}
    found: dict[str, str] = {}
    for column in columns:
        field = known.get(sort_key(column), "")
        found[column] = field if field not in found.values() else ""
    return found
