"""The words of what travels as letters, for the desk's scripts."""

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    return _writing() | _delivery()


def _writing() -> dict[str, str]:
    return {
        "no_address": _("no address on the record"),
        "in_text": _("Show in the text"),
        "remove": _("Remove"),
        "remove_file": _("Remove {name}"),
        "files_too_large": _("Together the files are larger than 20 MB: mail servers refuse that."),
        "address_wrong_copy": _("One of the addresses is none: separate several by commas."),
        "copied": _("copy to {to}"),
        "copied_blind": _("blind copy to {to}"),
        "forwarded": _("forwarded to {to}"),
        "choose_or_type": _("Choose one of theirs, or type its number below"),
        "letter_call_back": _("Undo send"),
        "letter_send_again": _("Send again"),
        "letter_forward": _("Forward"),
        "letter_split": _("Split off"),
        "done_call_back": _("Not sent: it is in the field again."),
        "done_send_again": _("On its way again."),
        "done_forward": _("Forwarded."),
        "done_merge": _("Merged."),
        "done_split": _("It is a request of its own."),
        "done_link": _("Linked."),
        "done_spam": _("Closed as spam; its sender is kept out."),
    }


def _delivery() -> dict[str, str]:
    return {
        "delivery_queued": _("leaves in a few seconds"),
        "delivery_in_flight": _("being sent"),
        "delivery_retry": _("will be tried again: {error}"),
        "delivery_sent": _("sent {when}"),
        "delivery_delivered": _("delivered {when}"),
        "delivery_failed": _("not sent: {error}"),
        "delivery_bounced": _("came back: {error}"),
        "delivery_nobody": _("not sent: the customer has no email address"),
        "delivery_twice": _("perhaps sent twice"),
    }
