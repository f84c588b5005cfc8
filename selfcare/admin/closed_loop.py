"""What follows from the answers: follow-ups of low scores, comments with their words and tags."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from crm import clock
from crm.admin import pages
from crm.text import words
from selfcare.models import Answer, FollowUp
from selfcare.services import comments, follow_ups

_PAGE = 50
_DAYS = 30
_WITH = ("invitation__interaction__customer", "invitation__agent")


# --- follow-ups -------------------------------------------------------------------------------


@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """What is late first, then what is due next; or what was done, the latest first."""
    seen = FollowUp.objects.visible_to(request.user)
    is_done = "done" in request.GET
    rows = seen.filter(done_at__isnull=not is_done)
    rows = rows.order_by("-done_at" if is_done else "due_at", "pk").select_related(
        *(f"answer__{path}" for path in _WITH), "taken_by", "done_by"
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("Follow-ups"),
        "page": Paginator(rows, _PAGE).get_page(request.GET.get("page")),
        "is_done": is_done,
        "open_count": seen.open().count(),
        "late_count": seen.open().filter(due_at__lt=clock.now()).count(),
        "now": clock.now(),
        "may_change": request.user.has_perm("selfcare.change_followup"),  # type: ignore[union-attr]
    }
    return render(request, "selfcare/console/follow_ups.html", context)


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it, or say what came of it."""
    found = get_object_or_404(FollowUp.objects.visible_to(request.user), pk=pk)
    try:
        if "done" in request.POST:
            follow_ups.finish(found.pk, request.user, request.POST.get("note", ""))  # type: ignore[arg-type]
            messages.success(request, gettext("Done. The note stays with the answer."))
        else:
            follow_ups.take(found.pk, request.user)  # type: ignore[arg-type]
    except follow_ups.Taken:
        messages.error(request, gettext("A colleague has it already."))
    except follow_ups.NothingSaid:
        messages.error(request, gettext("Please write what came of it."))
    return redirect("admin:follow_ups")


# --- comments ---------------------------------------------------------------------------------


class Question(forms.Form):
    """What is looked for; what makes no sense is not looked for."""

    q = forms.CharField(max_length=200, required=False, label=_("Words"))
    word = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    score = forms.TypedChoiceField(
        choices=[("", _("any")), *((str(n), f"{n}/5") for n in range(1, 6))],
        coerce=int, required=False, label=_("Satisfaction"),
    )  # fmt: skip
    tag = forms.CharField(max_length=40, required=False, label=_("Tag"))
    days = forms.TypedChoiceField(
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        coerce=int, required=False, label=_("Period"),
    )  # fmt: skip


@require_GET
def comment_list(request: HttpRequest) -> HttpResponse:
    asked_for = request.GET.copy()
    asked_for.setdefault("days", str(_DAYS))  # what the form shows is what is looked at
    form = Question(asked_for)
    form.is_valid()
    asked = form.cleaned_data
    now, period = clock.now(), timedelta(days=asked.get("days") or _DAYS)
    seen = Answer.objects.visible_to(request.user)
    found = _found(comments.between(seen.with_words(), now - period, now), asked)
    rows = found.order_by("-answered_at", "-pk").select_related(*_WITH, "follow_up")
    address = request.GET.copy()
    address.pop("page", None)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("What customers write"),
        "form": form,
        "days": period.days,
        "word": asked.get("word", ""),
        "page": Paginator(rows, _PAGE).get_page(request.GET.get("page")),
        "query": address.urlencode(),
        "trends": comments.trends(seen, now, period),
        "tags": comments.tags(seen),
        "may_tag": request.user.has_perm("selfcare.change_answer"),  # type: ignore[union-attr]
    }
    return render(request, "selfcare/console/comments.html", context)


def _found(answers: Any, asked: dict[str, Any]) -> Any:
    if looked := words(asked.get("q", "")):
        answers = answers.saying(looked)
    if whole := words(asked.get("word", "")):
        answers = answers.saying(whole, whole=True)
    if asked.get("score"):
        answers = answers.filter(score=asked["score"])
    if asked.get("tag"):
        answers = answers.filter(tags__contains=[asked["tag"]])
    return answers


@require_POST
def tag(request: HttpRequest) -> HttpResponse:
    """One tag on all that were ticked, or off them."""
    keys = [int(key) for key in request.POST.getlist("answer")[:_PAGE] if key.isdecimal()]
    ticked = Answer.objects.visible_to(request.user).filter(pk__in=keys)
    name = request.POST.get("tag", "")
    count = comments.tag(ticked, [name], away="away" in request.POST)
    said = ngettext("%(n)d comment changed.", "%(n)d comments changed.", count) % {"n": count}
    messages.success(request, said)
    answer = redirect("admin:survey_comments")
    if query := request.POST.get("query", ""):
        answer["Location"] += f"?{query}"
    return answer


pages.register_page(
    "surveys/follow-ups/",
    worklist,
    "follow_ups",
    title=_("Follow-ups"),
    icon="assignment_late",
    permission="selfcare.view_followup",
    group="surveys",
)
pages.register_page(
    "surveys/follow-ups/<int:pk>/", act, "follow_up", permission="selfcare.change_followup"
)
pages.register_page(
    "surveys/comments/",
    comment_list,
    "survey_comments",
    title=_("What customers write"),
    icon="forum",
    permission="selfcare.view_answer",
    group="surveys",
)
pages.register_page("surveys/comments/tag/", tag, "survey_tag", permission="selfcare.change_answer")
