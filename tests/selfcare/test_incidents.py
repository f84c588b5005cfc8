"""A known incident: what everybody reads, who waits for its end, and one answer to all."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm import clock, events, registry
from crm.models import Interaction, Message, Status, Subject
from crm.services import interactions, posting
from selfcare.models import Incident, IncidentAnswer, IncidentLink, IncidentWatcher
from selfcare.models.incident import TIME_TO_UNDO
from selfcare.services import incident_answers, incidents
from tests import factories
from tests.doors import signed_in
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db
State = IncidentLink.State


@pytest.fixture
def outage(remote, monday, outbox):
    """The TV is out in Rennes since 9:00."""
    made = Incident(
        title_fr="Coupure TV",
        title_en="TV outage",
        text_fr="La TV est coupée. Nos équipes réparent.",
        text_en="TV is down. We are repairing it.",
        area_fr="Rennes",
        towns=["Rennes"],
        since=clock.now() - timedelta(hours=1),
        expected_until=clock.now() + timedelta(hours=2),
    )
    incidents.save(made, [remote])
    return made


def ask(customer, subject, channel="mail"):
    said = interactions.open(channel, customer, subject=subject, language="fr")
    posting.post(said, author=Message.Author.CUSTOMER, text="Plus d’image")
    return said


def test_the_banner_stands_on_the_pages_of_its_subject_and_on_no_other(client, outage, sim):
    write("La télécommande ne répond plus", subject=outage.subjects.get())
    write("Changer de carte SIM", subject=sim)
    pages = ["/fr/", "/fr/article/la-telecommande-ne-repond-plus/", "/fr/callback/"]
    pages += ["/fr/callback/?subject=remote-control", "/fr/contact/?subject=remote-control"]
    pages += ["/fr/search/?q=télécommande"]
    for page in pages:
        assert "Coupure TV" in client.get(page).content.decode(), page
    for page in ["/fr/article/changer-de-carte-sim/", "/fr/callback/?subject=sim-esim-puk"]:
        assert "Coupure TV" not in client.get(page).content.decode(), page
    assert "TV outage" in client.get("/en/").content.decode()


def test_the_other_channels_can_say_it_first(outage, sim):
    remote = outage.subjects.get()
    (news,) = registry.news(remote, "en")
    assert (news.title, news.text) == ("TV outage", "TV is down. We are repairing it.")
    assert registry.news(sim, "fr") == []
    assert registry.news(None, "fr") == []


def test_an_incident_of_a_branch_concerns_its_leaves(outage, remote):
    leaf = Subject.objects.create(slug="pairing", name_fr="Appairage", parent=remote)
    assert incidents.open_about([leaf]) == [outage]


def test_who_asked_is_told_once_when_it_is_over(client, outage, outbox, fresh_limits):
    address = f"/fr/incident/{outage.pk}/"
    for _twice in range(2):
        assert client.post(address, {"mail": "Ada@lenoir.example"}).status_code == 302
    assert IncidentWatcher.objects.count() == 1
    assert "Noté" in client.get(address).content.decode()
    assert incidents.tell_watchers() == 0  # not over yet
    incidents.end(outage)
    assert incidents.tell_watchers() == 1
    assert incidents.tell_watchers() == 0
    (told,) = [sent for sent in outbox.values() if sent[1] == "selfcare/mail/incident_over"]
    assert told[0] == "ada@lenoir.example"


def test_after_the_end_the_page_says_so_and_takes_nobody(client, outage, fresh_limits):
    incidents.end(outage)
    address = f"/fr/incident/{outage.pk}/"
    client.post(address, {"mail": "ada@lenoir.example"})
    assert not IncidentWatcher.objects.exists()
    assert "Cet incident est terminé" in client.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_new_exchange_is_proposed_and_a_lost_event_is_caught_up(outage, ada, monkeypatch):
    remote = outage.subjects.get()
    said = ask(ada, remote)
    assert outage.links.get().interaction == said
    monkeypatch.setattr(events.interactions_opened, "send_robust", lambda *a, **k: [])
    lost = ask(ada, remote)
    assert not lost.incident_links.exists()
    assert incidents.propose_missed() == 1
    assert incidents.propose_missed() == 0
    assert lost.incident_links.get().state == State.PROPOSED


def test_customers_who_live_elsewhere_and_earlier_exchanges_are_not_proposed(outage, ada):
    remote = outage.subjects.get()
    ada.town = "Toulouse"
    ada.save()
    far = ask(ada, remote)
    assert not incidents.fits(outage, far)
    ada.town = "RENNES"
    ada.save()
    near = ask(ada, remote)
    assert incidents.fits(outage, near)
    near.opened_at = outage.since - timedelta(minutes=1)
    assert not incidents.fits(outage, near)


def test_an_exchange_belongs_to_one_incident(outage, ada, remote):
    other = Incident(title_fr="Autre", text_fr="Autre", since=outage.since)
    incidents.save(other, [remote])
    said = ask(ada, remote)
    incidents.decide(outage, said, attached=True, by=None)
    incidents.decide(other, said, attached=True, by=None)
    assert [(one.incident, one.state) for one in incidents.of_interaction(said)] == [
        (other, State.ATTACHED)
    ]
    incidents.end(outage)
    with pytest.raises(incidents.Over):
        incidents.decide(outage, said, attached=True, by=None)


def _answer(outage, **more):
    fields = {"text_fr": "Bonjour {name}, c’est réparé.", "text_en": "Fixed.", "closes": True}
    return IncidentAnswer(incident=outage, **(fields | more))


def test_one_answer_reaches_all_attached_in_their_language_and_closes_them(outage, ada, monday):
    remote = outage.subjects.get()
    said, english = ask(ada, remote), ask(factories.CustomerFactory(), remote)
    Interaction.objects.filter(pk=english.pk).update(language="en")
    proposed_only = ask(factories.CustomerFactory(), remote)
    for row in (said, english):
        incidents.decide(outage, row, attached=True, by=None)
    shown = incident_answers.preview(outage, _answer(outage))
    assert (shown.count, shown.by_channel) == (2, {"mail": 2})
    assert shown.first[0][1] == "Bonjour Madame Lenoir, c’est réparé."
    assert not IncidentAnswer.objects.exists()  # a preview stores nothing

    incident_answers.begin(_answer(outage), by=None)
    assert incident_answers.send_due() == 0  # it can still be taken back
    at = clock.now() + TIME_TO_UNDO
    assert incident_answers.send_due(at) == 2
    assert incident_answers.send_due(at) == 0
    texts = Message.objects.filter(author="agent").values_list("interaction", "text")
    assert set(texts) == {(said.pk, "Bonjour Madame Lenoir, c’est réparé."), (english.pk, "Fixed.")}
    for row in (said, english):
        row.refresh_from_db()
        assert (row.status, row.outcome) == (Status.CLOSED, "solved")
    proposed_only.refresh_from_db()
    assert proposed_only.status == Status.WAITING
    outage.refresh_from_db()
    assert not outage.is_open


def test_taken_back_in_time_nobody_gets_it_and_the_incident_goes_on(outage, ada, outbox):
    said = ask(ada, outage.subjects.get())
    incidents.decide(outage, said, attached=True, by=None)
    incidents.watch(outage.pk, "ada@lenoir.example", language="fr")
    made = incident_answers.begin(_answer(outage), by=None)
    assert incidents.tell_watchers() == 0  # while it can be taken back
    assert incident_answers.stop(made.pk) == 0
    outage.refresh_from_db()
    assert outage.is_open
    later = clock.now() + timedelta(hours=1)
    assert incident_answers.send_due(later) == 0
    assert incidents.tell_watchers(later) == 0
    assert not Message.objects.filter(author="agent").exists()


def test_the_pace_is_kept_and_the_rest_can_be_stopped(outage):
    remote = outage.subjects.get()
    for _n in range(5):
        row = ask(factories.CustomerFactory(), remote)
        incidents.decide(outage, row, attached=True, by=None)
    made = incident_answers.begin(_answer(outage, closes=False, per_minute=2), by=None)
    begins = made.begins_at
    assert incident_answers.send_due(begins) == 2
    assert incident_answers.send_due(begins + timedelta(seconds=10)) == 0
    assert incident_answers.send_due(begins + timedelta(minutes=1)) == 2
    assert incident_answers.stop(made.pk) == 4
    assert incident_answers.send_due(begins + timedelta(minutes=9)) == 0
    with pytest.raises(incident_answers.NothingToSay):
        incident_answers.begin(_answer(outage, text_fr=" "), by=None)


def test_a_chat_that_somebody_is_in_gets_the_answer_and_stays_open(outage, ada, bea):
    said = ask(ada, outage.subjects.get(), channel="chat")
    interactions.assign(said, bea)
    incidents.decide(outage, said, attached=True, by=None)
    made = incident_answers.begin(_answer(outage), by=bea.user)
    with pytest.raises(incident_answers.UnderWay):
        incident_answers.begin(_answer(outage), by=bea.user)
    assert incident_answers.send_due(made.begins_at) == 1
    said.refresh_from_db()
    assert said.status == Status.ACTIVE
    assert said.messages.get(author="agent").agent == bea


def test_bea_attaches_from_her_desk_and_sends_the_ready_answer(outage, ada, bea):
    from crm.admin.desk import conversation

    said = ask(ada, outage.subjects.get(), channel="chat")
    incidents.propose([said.pk])
    interactions.assign(said, bea)
    desk = signed_in(bea.user, second_factor=True)
    shown = conversation.head(desk.get("/console/").wsgi_request, said)
    assert "Coupure TV" in shown
    address = reverse("admin:incident_decide", args=[outage.pk, said.pk])
    for _twice in range(2):
        assert desk.post(address, {"verb": "answer"}).status_code == 302
    assert said.messages.filter(author="agent").count() == 1
    assert outage.links.get().state == State.ATTACHED


def test_the_room_previews_sends_and_takes_back(outage, ada, mia):
    said = ask(ada, outage.subjects.get())
    incidents.propose([said.pk])
    room = signed_in(mia, second_factor=True)
    assert room.post(reverse("admin:incident_attach", args=[outage.pk])).status_code == 302
    address = reverse("admin:incident_answer", args=[outage.pk])
    text = {"text_fr": "C’est réparé.", "per_minute": 60}
    assert 'name="send"' in room.post(address, text).content.decode()
    assert not IncidentAnswer.objects.exists()
    assert room.post(address, text | {"send": "1"}).status_code == 302
    made = IncidentAnswer.objects.get()
    assert made.by == mia
    stop = reverse("admin:incident_stop", args=[outage.pk, made.pk])
    assert room.post(stop).status_code == 302
    made.refresh_from_db()
    assert made.stopped_at


def test_nobody_but_leads_and_managers_speaks_to_all(outage, bea, mallory):
    for user in (bea.user, mallory):
        client = signed_in(user, second_factor=True)
        for name in ("answer", "attach", "end"):
            address = reverse(f"admin:incident_{name}", args=[outage.pk])
            assert client.post(address, {"text_fr": "x", "send": "1"}).status_code in (302, 403)
    outage.refresh_from_db()
    assert outage.is_open
    assert not IncidentAnswer.objects.exists()


def test_agents_decide_only_about_exchanges_they_may_see(outage, ada, bea, sim, mobile_queue):
    foreign = interactions.open("mail", ada, subject=sim)
    client = signed_in(bea.user, second_factor=True)
    address = reverse("admin:incident_decide", args=[outage.pk, foreign.pk])
    assert client.post(address, {"verb": "attach"}).status_code == 404
    assert not outage.links.exists()


def test_the_api_opens_attaches_answers_stops_and_ends(ada, remote, mia, outbox):
    api = signed_in(mia, second_factor=True)
    data = {"title_fr": "Panne", "text_fr": "Panne", "subjects": ["remote-control"]}
    made = api.post("/api/v1/incidents/", data, content_type="application/json").json()
    said = ask(ada, remote)
    one = f"/api/v1/incidents/{made['id']}/"

    def post(verb, data=None):
        return api.post(f"{one}{verb}/", data or {}, content_type="application/json").status_code

    assert post("attach", {"interaction": said.pk}) == 204
    assert post("answer", {"text_fr": "C’est réparé."}) == 201
    assert post("answer", {"text_fr": "Encore"}) == 409
    assert post("stop") == 204
    assert post("end") == 204
    assert post("attach", {"interaction": said.pk}) == 409
    assert api.delete(one).status_code in (403, 405)


def test_an_acknowledgement_by_mail_says_what_we_know(outage, ada):
    from tickets.models import Mail
    from tickets.services import opening

    opening.open(
        customer=ada, title="Écran noir", text="Rien", language="fr", subject=outage.subjects.get()
    )
    sent = Mail.objects.get(template="tickets/mail/acknowledgement")
    assert "La TV est coupée" in sent.text
    assert f"/fr/incident/{outage.pk}/" in sent.text


def test_the_widget_says_it_before_anything_else(client, outage, fresh_limits):
    from chat.models import Site

    site = Site.objects.create(key="shop", name="Shop", origins=["http://testserver"])
    ask_button = {"site": site.key, "url": "http://testserver/", "subject": "remote-control"}
    answer = client.post(
        "/widget/visit",
        ask_button | {"lang": "fr"},
        content_type="application/json",
        headers={"origin": "http://testserver"},
    ).json()
    assert [one["title"] for one in answer["button"]["news"]] == ["Coupure TV"]
