"""Files in the portal's forms: as many as may be sent at once, and why some are not."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.services import files
from selfcare.services import my_requests


class FilesField(forms.FileField):
    """Any number of files, none is well."""

    widget = type("Files", (forms.FileInput,), {"allow_multiple_selected": True})

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label=gettext_lazy("Files"),
            help_text=gettext_lazy(
                "Up to five, 10 MB each: pictures, short films, PDF, office documents."
            ),
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(one, initial) for one in data or []]


def why_not(refusal: files.Refused | my_requests.TooMany) -> str:
    if isinstance(refusal, files.Refused):
        return str(refusal.words)
    return _("Five files at most at once.")
