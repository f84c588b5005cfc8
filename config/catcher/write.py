"""A customer's mail, made like a mail program makes one and sent by real SMTP to the listener."""

import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from django import forms
from django.conf import settings
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from crm import clock
from tickets.mail.parse import ParsedMail
from tickets.models import Mailbox


class NotTaken(Exception):
    """The listener did not take it; the message says what it said."""


class MailForm(forms.Form):
    sender_name = forms.CharField(
        label=_("Your name"), max_length=80, required=False, initial="Ada Lenoir"
    )
    sender = forms.EmailField(label=_("Your address"), initial="ada@lenoir.example")
    to = forms.CharField(label=_("To"), max_length=320, validators=[validate_email])
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    text = forms.CharField(label=_("Text"), max_length=50_000, widget=forms.Textarea)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        # new mails go to a mailbox; a reply keeps the address it answers to
        self.mailboxes = list(
            Mailbox.objects.filter(is_active=True).values_list("address", flat=True)
        )
        if self.mailboxes:
            self.fields["to"].initial = self.mailboxes[0]


def reply_to(original: ParsedMail, recipients: list[str], language: str) -> dict[str, str]:
    """What a mail program puts into the form when somebody presses "reply"."""
    quoted = "\n".join(f"> {line}" for line in original.text.splitlines())
    head = "{} wrote:" if language.startswith("en") else "{} a écrit :"
    who = original.from_name or original.from_email
    prefix = "On" if language.startswith("en") else "Le"
    day = f"{original.date:%d/%m/%Y %H:%M}" if original.date else ""
    subject = original.subject
    return {
        "sender": recipients[0] if recipients else "",
        "sender_name": "",
        "to": original.reply_to or original.from_email,
        "subject": subject if subject.lower().startswith("re:") else f"Re: {subject}",
        "text": f"\n\n{prefix} {day}, {head.format(who)}\n\n{quoted}\n",
    }


def send(form: MailForm, original: ParsedMail | None) -> None:
    """Raises NotTaken."""
    data = form.cleaned_data
    mail = EmailMessage(policy=SMTP)
    name = " ".join(data["sender_name"].split())
    mail["From"] = str(Address(display_name=name, addr_spec=data["sender"]))
    mail["To"] = data["to"]
    mail["Subject"] = " ".join(data["subject"].split())
    mail["Date"] = clock.now()
    mail["Message-ID"] = make_msgid(domain=data["sender"].rpartition("@")[2])
    if original and original.message_id:
        mail["In-Reply-To"] = f"<{original.message_id}>"
        chain = [*original.references, original.message_id][-20:]
        mail["References"] = " ".join(f"<{identifier}>" for identifier in chain)
    mail.set_content(data["text"], charset="utf-8")
    host, _colon, port = settings.MAIL_LISTEN.rpartition(":")
    try:
        with smtplib.SMTP(host or "127.0.0.1", int(port), timeout=10) as server:
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotTaken(f"{code} {said.decode('utf-8', 'replace')}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(str(error)) from error
