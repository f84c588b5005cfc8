"""The words beside the field, for the desk's scripts: replies, macros, hints on the tone."""

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    return _replies() | _tone() | _hard()


def _hard() -> dict[str, str]:
    return {
        "hard_abuse": _("abusive"),
        "hard_distress": _("distress or danger"),
        "hard_fraud": _("fraud suspected"),
        "hard_does_abuse": _("A lead is told. After a warning you may end it, by the same key."),
        "hard_does_distress": _("A lead is called at once. No survey is sent."),
        "hard_does_fraud": _("Nobody counts as verified here until a lead lifts it."),
        "hard_ends": _(
            "The customer was warned. You may end this exchange now; no survey is sent."
        ),
        "hard_declare": _("Do it"),
        "hard_known": _("Done already"),
        "hard_end": _("End the exchange"),
        "done_hard": _("A lead is told."),
        "done_hard_end": _("Ended."),
    }


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
