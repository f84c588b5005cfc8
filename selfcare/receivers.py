"""When this happened, that follows; and what the kernel should know of the callback."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from crm import events, registry
from selfcare import tasks
from selfcare.models import IncidentWatcher, SurveyInvitation
from selfcare.reports import measures
from selfcare.services import (
    aftermath,
    article_formats,
    articles,
    calls,
    files,
    going_on,
    incident_answers,
    incidents,
    lessons,
    link_check,
    links,
    privacy,
    promises,
    reminders,
    senders,
    suggesting,
    surveys,
    versions,
    voices,
)

registry.register_channel(
    registry.Channel(
        name="callback",
        label=_("Callback"),
        icon="call",
        deliver=promises.deliver,
        fragment="selfcare/console/callback.html",
        load="whole",
        wrap_up_seconds=90,
        color="#009E73",
        dash="2 3",
    )
)
registry.register_continuation(
    registry.Continuation(
        "callback", _("By phone"), going_on.addresses, going_on.moments, going_on.open
    )
)
registry.register_news(incidents.news)
registry.register_readings(articles.readings)
registry.register_help(suggesting.help_for)
registry.register_comments(voices.comments)
registry.register_words_on(voices.words_on)
registry.register_aftermath(aftermath.of)
registry.register_request_page(links.request_page)


@receiver(events.interactions_opened)
def are_they_about_an_incident(interaction_ids: list[int], **_: Any) -> None:
    """Net: incidents.propose_missed."""
    incidents.propose(interaction_ids)


@receiver(events.interaction_closed)
def ask_or_say_why_not(interaction_id: int, **_: Any) -> None:
    """Net: surveys.decide_missed, closed exchanges without a verdict."""
    tasks.invite.delay(interaction_id)


@receiver(events.interaction_waiting)
def withhold_the_question(interaction_id: int, **_: Any) -> None:
    """Reopened before it went. Net: surveys.send_due looks again before it sends."""
    surveys.withhold(interaction_id)


registry.register_belonging(
    registry.Belonging(
        "survey invitations",
        _("survey invitations"),
        SurveyInvitation,
        interaction="interaction",
    )
)
registry.register_belonging(
    registry.Belonging("incident watchers", _("people to tell"), IncidentWatcher)
)
registry.register_senders(senders.senders)
registry.register_personal(
    registry.PersonalPart(
        "callbacks",
        _("Callbacks"),
        privacy.callbacks,
        privacy.erase_callbacks,
        erase_person=privacy.erase_watchers,
    )
)
registry.register_personal(
    registry.PersonalPart("answers", _("Survey answers"), privacy.answers, privacy.erase_answers)
)
registry.register_retention(
    registry.Retention(
        "foreign_numbers",
        _("Numbers of callbacks that are no customer’s"),
        _("The number called, when it is no identity of the customer; the callback stays."),
        91,
        privacy.count_numbers,
        privacy.purge_numbers,
    )
)
registry.register_retention(
    registry.Retention(
        "survey_comments",
        _("Comments of surveys"),
        _("The words; scores stay for good."),
        730,
        privacy.count_comments,
        privacy.purge_comments,
    )
)
registry.register_takeout(
    "editors",
    registry.Takeout(
        _("Help articles"),
        "selfcare.article",
        "selfcare.view_article",
        article_formats.FORMS,
        article_formats.count,
        article_formats.write,
        personal=False,
    ),
)
registry.register_sweep("files of articles to scan for viruses", files.scan)
registry.register_sweep("texts whose hour has come", versions.publish_due)
registry.register_sweep("what searches found", lessons.learn_sometimes)
registry.register_sweep("links of new texts", link_check.read_new)
registry.register_sweep("links to look at", tasks.look_at_links)
registry.register_sweep("closed without a survey verdict", surveys.decide_missed)
registry.register_sweep("surveys whose time has come", surveys.send_due)
registry.register_sweep("surveys to remind of", surveys.remind_due)
registry.register_sweep("callbacks nobody took in time", calls.put_off)
registry.register_sweep("callbacks to remind of", reminders.remind)
registry.register_sweep("exchanges of open incidents", incidents.propose_missed)
registry.register_sweep("answers to all on their way", incident_answers.send_due)
registry.register_sweep("people to tell that it is over", incidents.tell_watchers)
measures.register()
