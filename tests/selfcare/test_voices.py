"""What customers wrote stands beside the exchanges behind a figure, for who may read it."""

import pytest

from crm import clock, registry
from crm.models import Interaction
from selfcare.models import Answer, SurveyInvitation
from tests import factories
from tests.crm.test_reports import PAGE

pytestmark = pytest.mark.django_db


def test_a_comment_stands_beside_its_exchange_for_who_may_read_it(mias, mia, bea, carl) -> None:
    row = factories.InteractionFactory()
    Interaction.objects.filter(pk=row.pk).update(offered_at=clock.now(), score=5)
    now = clock.now()
    asked = SurveyInvitation.objects.create(
        interaction=row, customer=row.customer, agent=bea, verdict="sent", state="answered",
        closed_at=now, sent_at=now,
    )  # fmt: skip
    Answer.objects.create(
        invitation=asked, score=5, comment="Parfait, merci", via="card", answered_at=clock.now()
    )
    for user in (mia, bea.user):
        assert registry.words_on(user, [row.pk]) == {row.pk: "Parfait, merci"}
    assert registry.words_on(carl.user, [row.pk]) == {}
    behind = mias.get(f"{PAGE}exchanges/?measure=satisfaction&days=7").content.decode()
    assert "Parfait, merci" in behind
