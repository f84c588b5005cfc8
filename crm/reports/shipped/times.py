"""How long customers wait, and how long an exchange takes."""

from django.utils.translation import gettext_lazy as _

from crm.reports import figures
from crm.reports.measures import Measure
from crm.reports.values import LASTING, scored, shared

from .volumes import TRADE

MEASURES = [
    Measure(
        "waiting_time",
        _("Waiting time"),
        _(
            "From asking for an agent to being given to one. A callback waits from the moment it "
            "was promised for; who left before is not in it."
        ),
        "seconds",
        TRADE,
        figures.waiting_rows,
        LASTING,
        good=False,
        topic="waiting",
    ),
    Measure(
        "first_answer_time",
        _("First answer"),
        _(
            "From the customer's first words to an agent's own first line, elapsed, nights and "
            "Sundays included; automatic greetings never count."
        ),
        "seconds",
        TRADE,
        figures.first_answer_rows,
        LASTING,
        good=False,
        topic="waiting",
    ),
    Measure(
        "service_level",
        _("Service level of chat"),
        _(
            "Chats with a first answer within 30 seconds of the customer's first words, of all "
            "offered chats, those who left included. Usual aim: 80 %."
        ),
        "share",
        TRADE,
        figures.prompt_rows,
        shared(figures.PROMPTLY),
        part=figures.PROMPTLY,
        good=True,
        topic="waiting",
    ),
    Measure(
        "in_target",
        _("First answer within target"),
        _(
            "Exchanges whose first answer came before it was due, of all that a target gave a due "
            "time; counted in the opening hours that the target names."
        ),
        "share",
        TRADE,
        figures.promised_rows,
        shared(figures.IN_TARGET),
        part=figures.IN_TARGET,
        good=True,
        topic="waiting",
    ),
    Measure(
        "conversation_time",
        _("Conversation time"),
        _(
            "Chat: from the first to the last human message. Call: from pick-up to hang-up. "
            "Handled exchanges only; silence before automatic closing belongs to nobody."
        ),
        "seconds",
        TRADE,
        figures.conversation_rows,
        LASTING,
        topic="times",
    ),
    Measure(
        "chat_to_call",
        _("Chat to call"),
        _(
            "The mean conversation time of chats divided by that of calls: how many times as long "
            "a chat lasts. It rests on the handled chats and calls of these days."
        ),
        "ratio",
        TRADE,
        figures.conversation_rows,
        counted=figures.chat_to_call,
        topic="times",
    ),
    Measure(
        "handling_time",
        _("Handling time"),
        _(
            "Chat: from assignment to the end of wrap-up, elapsed. Call and email: the agent's own "
            "clock, wrap-up included. The band of 8 to 10 minutes applies to the mean of a day, "
            "never to a single chat."
        ),
        "seconds",
        TRADE,
        figures.handling_rows,
        LASTING,
        topic="times",
    ),
    Measure(
        "satisfaction",
        _("Satisfaction"),
        _(
            "Share of 4 and 5 among the answers on the scale of 1 to 5, with the 95 % interval of "
            "Wilson; beside it the mean, with an interval by bootstrap. Below 30 answers it is "
            "grey: no trend, no ranking. Counted on the day of the exchange."
        ),
        "share",
        TRADE,
        figures.rated,
        scored("score", range(1, 6), good=4),
        good=True,
        topic="satisfaction",
    ),
]
