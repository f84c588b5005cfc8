"""How a moment is said to a customer, in mails and on pages: no clock of ours, only theirs."""

from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_time
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

NBSP = "\u00a0"


def hour(at: datetime, language: str, zone: str = "") -> str:
    """E.g. "17 h 30" (no-break spaces), "5:30 PM"."""
    local = at.astimezone(ZoneInfo(zone or settings.TIME_ZONE))
    if language.startswith("en"):
        return format_time(local, "h:mm a", locale="en", tzinfo=local.tzinfo)
    minutes = f"{NBSP}{local.minute:02d}" if local.minute else ""
    return f"{local.hour}{NBSP}h{minutes}"


def day(at: datetime, language: str, zone: str = "") -> str:
    """E.g. "lundi 23 novembre", "Monday 23 November"."""
    local = at.astimezone(ZoneInfo(zone or settings.TIME_ZONE))
    return format_date(local.date(), "EEEE d MMMM", locale=language[:2])


def moment(at: datetime, language: str, zone: str = "") -> str:
    """E.g. "lundi 23 novembre à 17 h 30"."""
    with override(language[:2]):
        return _("%(day)s at %(hour)s") % {
            "day": day(at, language, zone),
            "hour": hour(at, language, zone),
        }


def stretch(start: datetime, end: datetime, language: str, zone: str = "") -> str:
    """E.g. "lundi 23 novembre entre 17 h 30 et 18 h"."""
    with override(language[:2]):
        return _("%(day)s between %(start)s and %(end)s") % {
            "day": day(start, language, zone),
            "start": hour(start, language, zone),
            "end": hour(end, language, zone),
        }


def phone(number: str) -> str:
    """E.164 as people of the installation's country write it: "01 99 00 12 34"."""
    if not number:
        return _("hidden number")
    parsed = phonenumbers.parse(number, settings.DEFAULT_PHONE_REGION)
    home = phonenumbers.region_code_for_number(parsed) == settings.DEFAULT_PHONE_REGION
    style = phonenumbers.PhoneNumberFormat
    text = phonenumbers.format_number(parsed, style.NATIONAL if home else style.INTERNATIONAL)
    return text.replace(" ", NBSP)
