"""The words beside the field, for the desk's scripts: replies, macros, hints on the tone."""

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    return _replies() | _tone()


def _tone() -> dict[str, str]:
    return {
        "undo_send": _("Undo send"),
        "promised": _("promised"),
        "done_moment": _("Said: two minutes."),
        "wrong_window": _(
            "This names {name}, who is in another exchange. Send again to say it here."
        ),
        "stopped": _("Not sent: it holds something that never leaves. It is in the field again."),
        "tone_greeting": _("Begin with a greeting: “{example}”"),
        "tone_name": _("Name the customer: “{example}”"),
        "tone_formal": _("“{example}” rather than “{found}”"),
        "tone_capitals": _("Capitals read as shouting: “{example}” rather than “{found}”"),
        "tone_exclamations": _("Calmer with a full stop: “{example}”"),
        "tone_long": _("A sentence of {n} words. Cut it: “…{example}”"),
        "tone_closing": _("End with a closing: “{example}”"),
    }


def _replies() -> dict[str, str]:
    return {
        "choices": _("{n} to choose from, arrow keys and Enter"),
        "no_replies": _("No reply is written for this queue and language yet."),
        "no_macros": _("No macro is offered for this exchange yet."),
        "done_macro": _("Done: {name}"),
    }
