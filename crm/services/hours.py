"""Opening hours in the words that customers read."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _

from crm.models import Schedule


def because(schedule: Schedule | None, at: datetime, language: str) -> str:
    """Why the hours of this moment are not the usual ones, as one sentence; "" when they are.

    A holiday or a closure before the next opening, or an opening by exception."""
    found = schedule.calendar.why(at) if schedule else None
    if schedule is None or found is None:
        return ""
    day, reason = found
    calendar = schedule.calendar
    today = at.astimezone(ZoneInfo(calendar.zone)).date()
    code = "fr" if language.startswith("fr") else "en_GB"
    said = {"reason": reason.text(language), "day": format_date(day, "EEEE d MMMM", locale=code)}
    with translation.override(language[:2]):
        if calendar.hours(day):
            if day == today:
                return _("Special hours today: %(reason)s.") % said
            return _("Special hours on %(day)s: %(reason)s.") % said
        if day == today:
            return _("Closed today: %(reason)s.") % said
        return _("Closed on %(day)s: %(reason)s.") % said
