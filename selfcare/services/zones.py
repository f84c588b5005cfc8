"""Where the customer says they are: the time zones a form may name."""

from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext_lazy as _

# those of our own numbering plan, as a list for pages without JavaScript
OFFERED = [
    ("Europe/Paris", _("mainland France")),
    ("America/Guadeloupe", _("Guadeloupe, Saint-Martin, Saint-Barthélemy")),
    ("America/Martinique", _("Martinique")),
    ("America/Cayenne", _("French Guiana")),
    ("America/Miquelon", _("Saint-Pierre and Miquelon")),
    ("Indian/Reunion", _("Réunion")),
    ("Indian/Mayotte", _("Mayotte")),
]


def known(name: str) -> str:
    """The zone of that name; "" for anything else a form may send."""
    return name if "/" in name and name in available_timezones() else ""


def title(name: str) -> str:
    """ "Réunion" for one we list, "New York" for another; "" at home, where nobody wonders."""
    if not name or name == settings.TIME_ZONE:
        return ""
    return str(dict(OFFERED).get(name) or name.rpartition("/")[2].replace("_", " "))
