"""Writing to us from the portal: a form that opens a mail request."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock, registry
from crm.models import Identity, Interaction, Subject, VisitStep
from crm.services import blocks, customers, files, kept, limits, verification
from selfcare.services import (
    answer_times,
    incidents,
    links,
    my_requests,
    offers,
    phone_book,
)
from selfcare.views import pages, search, visits
from selfcare.views.grants import grant
from selfcare.views.help import language
from selfcare.views.sending import FilesField, why_not

_ASKED = "asked"  # in the session: what the page of thanks says


class SubjectField(forms.ModelChoiceField):
    """By the name in the reader's language."""

    def label_from_instance(self, obj: Subject) -> str:
        return obj.name


class ContactForm(forms.Form):
    """A question in writing. `company` is for robots: people do not see it."""

    subject = SubjectField(
        Subject.objects.none(),
        to_field_name="slug",
        label=gettext_lazy("What is it about?"),
        empty_label=gettext_lazy("Choose a subject"),
        error_messages={"required": gettext_lazy("Choose what it is about.")},
    )
    title = forms.CharField(
        max_length=200,
        label=gettext_lazy("Your question in a few words"),
        error_messages={"required": gettext_lazy("Say in a few words what you need.")},
    )
    text = forms.CharField(
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        label=gettext_lazy("What should we know?"),
        help_text=gettext_lazy("What you see, since when, and what you have tried."),
        error_messages={"required": gettext_lazy("Describe what happens.")},
    )
    name = forms.CharField(
        max_length=120,
        required=False,
        label=gettext_lazy("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    mail = forms.EmailField(
        label=gettext_lazy("Your email"),
        help_text=gettext_lazy("Our answer goes there, and nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": gettext_lazy("Give an email address, so that we can answer."),
            "invalid": gettext_lazy("This address looks incomplete. Example: ada@mail.example"),
        },
    )
    sent = FilesField()
    in_writing = forms.BooleanField(
        required=False,
        label=gettext_lazy("Deaf or hard of hearing: answer me first, and in writing"),
    )
    company = forms.CharField(required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    kept = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["subject"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 (for the type checker)
        choice.queryset = Subject.objects.leaves().select_related("parent")

    def clean_mail(self) -> str:
        try:
            return customers.normalise("mail", self.cleaned_data["mail"])
        except customers.BadIdentity as error:
            raise forms.ValidationError(self.fields["mail"].error_messages["invalid"]) from error


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        form = ContactForm(initial=_initial(request))
        return _show(request, form)
    form = ContactForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, status=400)
    if form.cleaned_data["company"]:
        return redirect("selfcare:contact_thanks")  # a robot: it learns nothing
    if not limits.allow("contact", limits.sender(request), limit=10, seconds=3600):
        return pages.too_fast(request)
    try:
        interaction = _open(request, form.cleaned_data)
    except blocks.Blocked as refusal:
        form.add_error(None, str(refusal))
        return _show(request, form, status=409)
    except (files.Refused, my_requests.TooMany) as refusal:
        form.add_error("sent", why_not(refusal))
        return _show(request, form, status=422)
    grant(request, links.REQUEST, interaction.pk)
    request.session[_ASKED] = {
        "reference": interaction.reference,
        "mail": form.cleaned_data["mail"],
        "answered": answer_times.of_subjects([form.cleaned_data["subject"]], clock.now()),
    }
    return redirect("selfcare:contact_thanks")


def _initial(request: HttpRequest) -> dict[str, object]:
    known = pages.known(request)
    return {
        "key": uuid.uuid4(),
        "name": known.get("name", ""),
        "mail": known.get("mail", ""),
        "subject": _named(request.GET.get("subject", "")[:50]),
        "title": pages.typed(request.GET.get("title", ""), 200),
        "in_writing": "in_writing" in request.GET,
        **pages.kept_words(request, "text"),
    }


def _named(slug: str) -> str:
    """An old address still names the subject that has it by now."""
    return Subject.objects.called(slug).values_list("slug", flat=True).first() or "" if slug else ""


def _show(request: HttpRequest, form: ContactForm, status: int = 200) -> HttpResponse:
    about = str(form["subject"].value() or "")[:50]
    written = pages.typed(str(form["title"].value() or ""), 200)
    known = _ways(about, written)
    subject = known["subject"]
    context = {"form": form, "proposed": []} | known
    if request.method != "POST":
        context["proposed"] = search.proposals(request, written, about)
    context["incidents"] = incidents.open_about([subject]) if subject else incidents.everywhere()
    return render(request, "selfcare/contact.html", pages.common(request) | context, status=status)


def _ways(about: str, written: str) -> dict[str, Any]:
    """Who can be reached about a subject, and what goes with whoever takes a way."""
    subject = next((s for s in offers.leaves() if s.slug == about), None)
    at, zone = clock.now(), settings.TIME_ZONE
    return {
        "subject": subject,
        "offers": offers.for_subject(subject, at=at, zone=zone, language=language()),
        "cancel_url": phone_book.cancel_url(subject),
        "carried": written,
    }


@require_safe
def ways(request: HttpRequest) -> HttpResponse:
    """The part of the form that another subject changes."""
    if not limits.allow("ways", limits.sender(request), limit=120, seconds=60):
        return HttpResponse(status=429)
    asked = request.GET.get("subject", "")[:50], pages.typed(request.GET.get("title", ""), 200)
    answer = render(request, "selfcare/_ways.html", _ways(*asked))
    answer["Cache-Control"] = "no-store"
    return answer


@transaction.atomic
def _open(request: HttpRequest, data: dict[str, Any]) -> Interaction:
    """The same form sent twice is one request: its key says so. Raises what `attach` raises, and
    then nothing was opened."""
    visit = visits.step(request, VisitStep.Kind.ASK, _("Contact form"), target="mail")
    claims = [customers.Claim(Identity.Kind.MAIL, str(data["mail"]))]
    account = customers.of_account(request.user)
    if account is None:
        customer = customers.recognise(
            claims, name=str(data["name"]), source="portal", language=language()
        )
    else:
        customer = customers.known_as(account, claims, source="portal")
    subject = data["subject"]
    interaction = registry.opener("mail")(
        customer=customer,
        title=pages.typed(str(data["title"]), 200),
        text=str(data["text"]),
        language=language(),
        subject=subject if isinstance(subject, Subject) else None,
        visit=visit,
        device=visit.device if visit else "",
        key=f"portal:{data['key']}",
        in_writing=data["in_writing"],
    )
    if account is not None:
        verification.vouch(interaction, verification.PORTAL)
    my_requests.attach(interaction, data["sent"], key=str(data["key"]))
    kept.continued(kept.read(data["kept"]), interaction)
    return interaction


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    context = pages.common(request) | {"asked": request.session.get(_ASKED)}
    return render(request, "selfcare/contact_thanks.html", context)
