"""Trying a mailbox's rules on a mail, also a rule that is not saved yet."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from tickets.mail import fetch, store
from tickets.models import Mail, Mailbox, MailRule
from tickets.services import trials

_OFFERED = 30  # of the mailbox's last mails


class _MailChoice(forms.ModelChoiceField):
    def label_from_instance(self, mail: Any) -> str:
        return f"{mail.created_at:%d/%m/%Y} · {mail.from_email or '–'} · {str(mail)[:60]}"


class MailForm(forms.Form):
    """A mail that came, a file, or words."""

    mail = _MailChoice(
        Mail.objects.none(),
        label=_("a mail that came here"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    file = forms.FileField(
        label=_("or a file (.eml)"), required=False, widget=UnfoldAdminFileFieldWidget
    )
    sender = forms.EmailField(
        label=_("or in words: sender"), required=False, widget=UnfoldAdminEmailInputWidget
    )
    title = forms.CharField(
        label=pgettext_lazy("mail", "subject"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
    )
    text = forms.CharField(
        label=_("text"),
        required=False,
        max_length=1_000_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_("Or the source of a mail, with its head: then sender and subject are there."),
    )

    def __init__(self, *args: Any, came: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = came.exclude(source="").order_by("-pk")
        if not rows.exists():
            del self.fields["mail"]
            return
        self.fields["mail"].queryset = rows.filter(pk__in=rows.values("pk")[:_OFFERED])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file = given.get("file")
        if file is not None and file.size > fetch.SIZE_LIMIT:
            self.add_error("file", _("It is larger than any mail we fetch."))
        if not (given.get("mail") or file or given.get("text") or given.get("title")):
            raise forms.ValidationError(_("Choose a mail, or write one."))
        return given

    def raw(self) -> bytes:
        given = self.cleaned_data
        if (mail := given.get("mail")) is not None:
            return store.get(mail.source)
        if given["file"] is not None:
            return bytes(given["file"].read())
        return trials.written(given["sender"], given["title"], given["text"])


class DraftForm(forms.ModelForm):
    """A rule to try before it is kept."""

    class Meta:
        model = MailRule
        fields = ("words", "where", "position", "queue", "subject", "is_quiet", "sets_aside")
        widgets = {
            "words": UnfoldAdminTextInputWidget,
            "where": UnfoldAdminSelectWidget,
            "position": UnfoldAdminIntegerFieldWidget,
            "queue": UnfoldAdminSelectWidget,
            "subject": UnfoldAdminSelectWidget,
            "is_quiet": UnfoldBooleanSwitchWidget,
            "sets_aside": UnfoldBooleanSwitchWidget,
        }

    prefix = "rule"

    def __init__(self, *args: Any, mailbox: Mailbox, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].required = False
        last = mailbox.rules.order_by("position").last()
        self.fields["position"].initial = last.position + 1 if last else 0

    def rule(self) -> MailRule | None:
        """None when no words were given: then there is none."""
        return self.instance if self.cleaned_data.get("words", "").strip(" ,") else None
