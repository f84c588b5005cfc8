"""The form behind "call me back", and how its times are offered."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models import Subject
from selfcare.services import callbacks, slots, words, zones

NOW = "now"


class WhenField(forms.CharField):
    """ "now", or the start of a slot."""

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if text == NOW:
            return None
        try:
            start = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError(_("Please choose a time.")) from error
        if start.tzinfo is None:
            raise forms.ValidationError(_("Please choose a time."))
        return start


class MoveForm(forms.Form):
    when = WhenField(max_length=40, error_messages={"required": _("Please choose a time.")})


class CallbackForm(MoveForm):
    zone = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    mail = forms.EmailField(
        label=_("Email for the confirmation"),
        required=False,
        max_length=254,
        help_text=_("The confirmation lets you move or cancel the call."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    about = forms.CharField(
        label=_("What is it about?"),
        required=False,
        max_length=1000,
        help_text=_("So that you do not have to start over on the phone."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    kept = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    field_order = ("when", "phone", "name", "mail", "about")

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._subject = subject

    def clean_zone(self) -> str:
        return zones.known(self.cleaned_data["zone"])

    def clean_phone(self) -> str:
        try:
            return callbacks.check_number(self.cleaned_data["phone"], self._subject.queue)
        except callbacks.BadNumber as error:
            raise forms.ValidationError(str(error)) from error


def language() -> str:
    return (get_language() or "fr")[:2]


def days(subject: Subject, *, at: datetime, zone: str) -> list[dict[str, Any]]:
    """The free times of the next days, in words."""
    return [
        {
            "label": words.day(free[0].start, language(), zone),
            "slots": [choice(slot, zone) for slot in free],
        }
        for _day, free in slots.free_days(subject, at=at, zone=zone)
    ]


def choice(slot: slots.Slot, zone: str, *, with_day: bool = False) -> dict[str, str]:
    label = words.hour(slot.start, language(), zone)
    if with_day:
        label = words.moment(slot.start, language(), zone)
    return {"value": slot.start.isoformat(), "label": label}
