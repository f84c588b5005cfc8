"""An exchange's own page in the console: what happened in it, in words."""

import pytest
from django.urls import reverse
from django.utils import translation

from crm.admin.desk.texts import event_text
from crm.services import interactions, verification
from tests.crm.test_desk import chat, signed_in

pytestmark = pytest.mark.django_db
__all__ = ["chat", "signed_in"]  # fixtures


def test_it_says_what_happened_and_whether_the_customer_was_verified(chat, bea, at_work, signed_in):
    at_work(bea)
    row = chat()
    page = reverse("admin:crm_interaction_change", args=[row.pk])
    door = signed_in(bea.user)

    def shown():
        return door.get(page, headers={"accept-language": "en"}).content.decode()

    assert "not verified in this exchange" in shown()

    interactions.assign(row, bea)
    verification.vouch(row, verification.SITE)
    assert "verified: signed by the site" in shown()
    interactions.close(row, by=bea, outcome="solved")
    with translation.override("en"):
        events = row.messages.filter(kind="event").order_by("pk")
        said = [event_text(message) for message in events]
    assert said == ["Bea has it", "Verified", "Closed: solved"]
    assert all(words in shown() for words in said)
    assert "&#x27;closed&#x27;" not in shown()
