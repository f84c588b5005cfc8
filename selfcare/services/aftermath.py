"""What came of an exchange, for its page in the console: asked or why not, what was answered and
what it said before, who follows it up."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import Interaction
from selfcare.models import Answer, FollowUp, SurveyInvitation
from selfcare.services import answers, questions

MAY_SEE = "selfcare.view_surveyinvitation"
Fact = tuple[str, str]


def of(user: Any, interaction: Interaction) -> registry.Aftermath | None:
    """As far as this colleague may read it; None where there is nothing to say."""
    found = SurveyInvitation.objects.filter(interaction=interaction).select_related("version")
    asked = found.first()
    if asked is None:
        return None
    said = Answer.objects.visible_to(user).filter(invitation=asked).first()
    facts = [_verdict(asked)] if said or user.has_perm(MAY_SEE) else []
    if said:
        facts += [*_answers(asked, said), *_changes(said)]
    url = ""
    rows = FollowUp.objects.visible_to(user).select_related("taken_by", "done_by")
    if said and (follow_up := rows.filter(answer=said).first()):
        facts.append((_("Follow-up"), _state(follow_up)))
        url = f"{reverse('admin:follow_ups')}{'?done' if follow_up.done_at else ''}"
    if not facts:
        return None
    words = said.comment if said else ""
    return registry.Aftermath(_("Survey"), facts, words, url, _("To the follow-ups"))


def _moment(at: Any) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT")


def _verdict(asked: SurveyInvitation) -> Fact:
    state = str(asked.get_state_display())
    if asked.verdict != SurveyInvitation.Verdict.SENT:
        return _("Not asked"), str(asked.get_verdict_display())
    if asked.answered_at:
        return _("Survey answered"), _moment(asked.answered_at)
    return _("Survey sent"), _moment(asked.sent_at) if asked.sent_at else state


def _answers(asked: SurveyInvitation, said: Answer) -> Iterator[Fact]:
    """Each question in the reader's words, as its version put it; the comment stands apart."""
    given = answers.values(said)
    for one in asked.version.questions if asked.version else []:
        value = given.get(one["key"])
        if value not in (None, "") and one["key"] != "comment":
            spoken = questions.spoken(one, get_language() or "fr")
            yield spoken["text"], _in_words(spoken, value)


def _in_words(question: questions.Question, value: Any) -> str:
    if question["kind"] in questions.SCALES:
        return f"{value}/{questions.SCALES[question['kind']][1]}"
    if question["kind"] == "yes_no":
        return _("yes") if value else _("no")
    labels = {choice["key"]: choice["label"] for choice in question["choices"]}
    return str(labels.get(value, value))


def _changes(said: Answer) -> Iterator[Fact]:
    """What it said before the customer changed their mind."""
    for change in said.changes.all():
        score = change.before.get("score")
        words = [f"{score}/5"] if score else []
        if text := change.before.get("comment"):
            words.append(f"« {text} »")
        yield _("Until %(moment)s") % {"moment": _moment(change.at)}, " ".join(words) or "–"


def _state(row: FollowUp) -> str:
    if row.done_at:
        done = {"who": row.done_by or "–", "when": _moment(row.done_at), "note": row.note}
        return _("done by %(who)s, %(when)s: %(note)s") % done
    due = _moment(row.due_at)
    said = _("late: was due %(when)s") if row.due_at < clock.now() else _("due %(when)s")
    text = said % {"when": due}
    if row.taken_by:
        text = _("%(text)s, %(who)s has it") % {"text": text, "who": row.taken_by}
    return text
