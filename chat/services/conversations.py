"""A conversation in the widget: how it begins, what its visitor may do, how it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from chat import invitations
from chat.models import Chat, Invitation, Site
from chat.services import addresses, before, buttons
from chat.services.identity import Proven
from crm import clock
from crm import text as words
from crm.models import (
    Agent,
    Customer,
    Interaction,
    MergeSuggestion,
    Message,
    Status,
    Subject,
    User,
    Visit,
)
from crm.services import blocks, customers, interactions, journeys, posting, routing, verification

MAX_LINE = posting.MAX_LENGTH


class CannotStart(Exception):
    """No chat now: closed, or nobody is there. The button says what else there is."""


class PlaceGone(Exception):
    """The invitation's place is gone and nobody else is free: say so, and offer the other ways."""


class NotYours(Exception):
    """The invitation was made to another visitor."""


@dataclass(frozen=True)
class Asking:
    """Who wants to talk, from where. `key` is made by the page: asked twice, it is one chat."""

    key: str
    page_url: str = ""
    page_title: str = ""
    name: str = ""
    language: str = "fr"
    device: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)  # as it was filled in
    before: Chat | None = None  # the visitor's earlier chat, which this one continues
    proven: Proven | None = None  # whom the site vouches for


def customer_of(visit: Visit, *, user: User | None, site: Site, asking: Asking) -> Customer:
    """Whoever is signed in on our portal or vouched for by the site, else whose visit it is, else
    somebody new."""
    account = _portal_account(user) or _vouched_for(site, asking)
    if account is None and visit.customer is not None:
        return visit.customer
    customer = account or customers.identify(
        "visitor",
        visit.key,
        name=asking.name,
        source=f"widget:{site.key}"[:40],
        language=asking.language,
    )
    if visit.customer is not None and visit.customer != customer:
        customers.suggest(customer, visit.customer, MergeSuggestion.Reason.SAME_BROWSER)
    customers.attach_visit(visit, customer)
    return customer


def _portal_account(user: User | None) -> Customer | None:
    if user is None or not user.is_authenticated or user.is_staff:
        return None
    known = Customer.objects.filter(user=user).first()
    return known or customers.identify(
        "mail", user.email, name=user.get_full_name(), verified_by="portal", source="portal"
    )


def _vouched_for(site: Site, asking: Asking) -> Customer | None:
    if asking.proven is None:
        return None
    return customers.recognise(
        asking.proven.claims,
        name=asking.proven.name or asking.name,
        source=f"widget:{site.key}"[:40],
        language=asking.language,
    )


def going_on(site: Site, *, user: User | None, proven: Proven | None) -> Chat | None:
    """The open chat of whoever is signed in or vouched for, whatever device it began on. Only one
    in which they were so too: what somebody else said under their name is not theirs to read."""
    if user is not None:
        persons, how = [customers.of_account(user)], verification.PORTAL
    else:
        claims = proven.claims if proven else []
        persons, how = [customers.find(one.kind, one.value) for one in claims], verification.SITE
    person = next((one for one in persons if one is not None), None)
    if person is None:
        return None
    theirs = person.interactions.open().filter(verified_by=how)
    return Chat.objects.filter(site=site, interaction__in=theirs).order_by("-pk").first()


def start(
    site: Site,
    visit: Visit,
    asking: Asking,
    *,
    subject: Subject | None,
    text: str,
    client_id: str,
    user: User | None = None,
) -> Chat:
    """Begin from the button, with the first line. Raises CannotStart, before.Incomplete."""
    if found := _known(asking.key, visit):
        return found
    offered = _offered(subject, visit, asking)
    already = before.known(visit, user, asking.proven)
    answers = before.read(offered.queue, already, asking.form)
    asking = replace(asking, name=answers.name or asking.name)
    customer = customer_of(visit, user=user, site=site, asking=asking)
    try:
        with transaction.atomic():
            if routing.one_by_one(offered.queue):
                offered = _offered(subject, visit, asking)  # somebody may have been faster
            interaction = interactions.open(
                "chat",
                customer,
                subject=subject,
                queue=offered.queue,
                title=words.excerpt(text),
                language=asking.language,
                origin=Interaction.Origin.BUTTON,
                visit=visit,
                device=asking.device or visit.device,
                continues=_continued(asking, customer),
                in_writing=answers.in_writing,
            )
            _vouch(interaction, user, asking)
            _keep(interaction, answers)
            chat = _hang(interaction, site, asking)
            posting.post(
                interaction,
                author=Message.Author.CUSTOMER,
                text=text[:MAX_LINE],
                client_id=client_id,
            )
            _asked(visit, asking)
            # at once, so that the answer says whom they talk to; waiting is the other outcome
            routing.assign_one(interaction.pk)
    except blocks.Blocked:
        raise CannotStart from None
    except IntegrityError:  # the page asked twice at once
        if found := _known(asking.key, visit):
            return found
        raise CannotStart from None
    return chat


def _offered(subject: Subject | None, visit: Visit, asking: Asking) -> buttons.Button:
    """What the button offers at this moment. Raises CannotStart when it is no chat."""
    offered = buttons.button(subject, language=asking.language, visit=visit)
    if not offered.can_chat:
        raise CannotStart
    return offered


def accept(
    invitation: Invitation, visit: Visit, asking: Asking, *, user: User | None = None
) -> Chat:
    """Begin from an invitation: with the agent it named if still free, else with another.

    Not offered before the first line (docs/figures.md). Raises NotYours, PlaceGone."""
    if invitation.visit_id != visit.pk:
        raise NotYours
    if invitation.interaction_id:
        return Chat.objects.get(pk=invitation.interaction_id)
    if found := _known(asking.key, visit):
        return found
    if not invitations.claim(invitation) and not _claimed_without_chat(invitation):
        raise PlaceGone
    customer = customer_of(visit, user=user, site=invitation.site, asking=asking)
    try:
        return _open_invited(invitation, visit, asking, customer, user)
    except IntegrityError:  # the page asked twice at once
        if found := _known(asking.key, visit):
            return found
        raise NotYours from None
    except PlaceGone:
        invitations.withdraw(invitation)
        raise


def _claimed_without_chat(invitation: Invitation) -> bool:
    """A process died between the click and the chat: the same visitor clicks again."""
    invitation.refresh_from_db()
    return invitation.state == Invitation.State.ACCEPTED and invitation.interaction_id is None


@transaction.atomic
def _open_invited(
    invitation: Invitation, visit: Visit, asking: Asking, customer: Customer, user: User | None
) -> Chat:
    try:
        interaction = interactions.open(
            "chat",
            customer,
            subject=invitation.subject,
            queue=invitation.queue,
            title=invitation.page_title,
            language=asking.language,
            origin=Interaction.Origin.INVITATION,
            visit=visit,
            device=asking.device or visit.device,
            offered=False,
        )
    except blocks.Blocked:
        raise PlaceGone from None
    _vouch(interaction, user, asking)
    chat = _hang(interaction, invitation.site, asking, promised=invitation.agent)
    Invitation.objects.filter(pk=invitation.pk).update(interaction=interaction)
    _asked(visit, asking)
    agent = routing.assign_one(interaction.pk, prefer=invitation.agent)
    if agent is None:
        raise PlaceGone  # rolls the chat back: nobody is invited to wait
    _greet(interaction, invitation, agent)
    return chat


def _greet(interaction: Interaction, invitation: Invitation, agent: Agent) -> None:
    """The first words, from us and not from the agent: they never count as an answer."""
    with translation.override(interaction.language):
        parts = [_("Hello, you are with %(name)s.") % {"name": agent.display_name}]
        if invitation.agent and invitation.agent != agent:
            parts.append(
                _("%(name)s has just started another conversation.")
                % {"name": invitation.agent.display_name}
            )
        parts.append(_("Tell us what happens."))
        posting.post(
            interaction,
            author=Message.Author.SYSTEM,
            kind=Message.Kind.EVENT,
            text=" ".join(parts),
            body={
                "event": "greeting",
                "agent": agent.display_name,
                "picture": posting.picture_url(agent.picture),
            },
        )


def _vouch(interaction: Interaction, user: User | None, asking: Asking) -> None:
    """Whoever is signed in as this customer, here or on the site, needs no code."""
    if asking.proven:
        verification.vouch(interaction, verification.SITE)
    elif user is not None and user.is_authenticated and interaction.customer.user_id == user.pk:
        verification.vouch(interaction, verification.PORTAL)


def _keep(interaction: Interaction, answers: before.Answers) -> None:
    """What the form said; the address is this exchange's, and no identity of the record."""
    if answers.own:
        interactions.fill(interaction, answers.own)
    if answers.mail:
        addresses.give(interaction, answers.mail)


def _hang(
    interaction: Interaction, site: Site, asking: Asking, *, promised: Agent | None = None
) -> Chat:
    return Chat.objects.create(
        interaction=interaction,
        site=site,
        page_url=asking.page_url[:500],
        page_title=asking.page_title[:200],
        visitor_name=asking.name[:80],
        promised_agent=promised,
        start_key=asking.key,
    )


def _continued(asking: Asking, customer: Customer) -> Interaction | None:
    """The earlier chat, if it is closed and the same customer's: the new one knows it."""
    earlier = asking.before.interaction if asking.before else None
    if earlier is None or earlier.customer_id != customer.pk or earlier.status != Status.CLOSED:
        return None
    return earlier


def _known(key: str, visit: Visit) -> Chat | None:
    """The chat this page began before; a key that another visit used is refused by the database."""
    return Chat.objects.filter(start_key=key, interaction__visit=visit).first()


def _asked(visit: Visit, asking: Asking) -> None:
    journeys.step(visit, "ask", asking.page_title or asking.page_url, target=asking.page_url)


def end(chat: Chat) -> None:
    """The visitor leaves for good. Without an agent it is over; else wrap-up begins."""
    interaction = chat.interaction
    if interaction.status == Status.WAITING and interaction.agent_id is None:
        interactions.close(interaction, outcome=_left_early(interaction))
    else:
        interactions.end_exchange(interaction, event="left")


def count_as_offered() -> int:
    """An accepted invitation is offered from its first line on (docs/figures.md). A sweep."""
    since = clock.now() - timedelta(days=1)
    spoken = Interaction.objects.filter(
        channel="chat", opened_at__gte=since, offered_at=None, first_customer_at__isnull=False
    )
    return spoken.update(offered_at=F("first_customer_at"))


def _left_early(interaction: Interaction) -> str:
    spoke = interaction.first_customer_at is not None
    return Interaction.Outcome.ABANDONED if spoke else Interaction.Outcome.CANCELLED
