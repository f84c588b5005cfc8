"""Subjects are retired and merged; what was said of exchanges stays, figures follow, and back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.models import AuditEntry, Macro, ReportMark, Subject
from crm.reports import dimensions, measures
from crm.reports.cut import Cut
from crm.reports.period import Period, today
from crm.reports.rollup import build, reading
from crm.services import closing_code, interactions, posting, subjects
from selfcare.models import Incident, SubjectManners
from tests import factories
from tests.people import _staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(box_queue):
    return factories.SubjectFactory(slug="old", name_fr="Zappette", name_en="Zapper",
                                    queue=box_queue)  # fmt: skip


@pytest.fixture
def admins(enter):
    return enter(_staff("Ivo", "Admin", "ivo@lumio.example", "administrator"))


@pytest.fixture
def closed(ada, bea, box_queue):
    def make(subject, real=None):
        row = interactions.open("chat", ada, subject=subject, queue=box_queue)
        interactions.take(row.pk, bea)
        posting.post(row, author="customer", text="Bonjour")
        return interactions.close(row, by=bea, outcome="solved", real_subject=real)

    return make


def offered(**where):
    cut = Cut(Period(today() - timedelta(days=1), today()), where)
    kept = reading.total(measures.get("offered"), cut)
    raw = measures.get("offered").total(cut.read_raw())
    return kept and measures.get("offered").reading.made(kept), raw


def page(subject):
    return reverse("admin:subject_retire", args=[subject.pk])


def test_exchanges_keep_what_was_said_and_count_as_the_other(old, remote, sim, closed, mia):
    first, second, other = closed(old), closed(remote, real=old), closed(remote)
    build.refresh(budget=600)
    subjects.merge(old, remote, by=mia)
    for _before_and_after_counting_again in range(2):
        assert offered(subject=str(remote.pk)) == (3, 3)
        assert offered(subject=str(old.pk)) == (3, 3)  # an old address shows where it went
        cut = Cut(Period(today(), today()))
        assert measures.get("offered").by(cut, dimensions.SHIPPED[5]) == {remote.pk: 3}
        build.refresh(budget=600)
        assert not ReportMark.objects.exists()
    for row, said in ((first, old), (second, remote), (other, remote)):
        row.refresh_from_db()
        assert row.subject == said
    assert (first.real_subject, second.real_subject) == (old, old)
    subjects.undo(old, by=mia)
    for _before_and_after_counting_again in range(2):
        assert offered(subject=str(remote.pk)) == (1, 1)
        assert offered(subject=str(old.pk)) == (2, 2)
        build.refresh(budget=600)


def test_the_figures_of_a_merge_are_marked_every_day(old, remote, closed, mia):
    closed(old)
    build.refresh(budget=600)
    subjects.merge(old, remote, by=mia)
    assert ReportMark.objects.filter(day=today()).exists()


def test_rules_follow_and_come_back_but_for_what_changed_since(old, remote, sim, mia):
    macro = Macro.objects.create(name="Zappette", subject=old)
    changed = Macro.objects.create(name="Piles", subject=old)
    child = factories.SubjectFactory(slug="piles", parent=old, queue=None)
    both = Incident.objects.create(title_fr="Panne", text_fr="…")
    both.subjects.set([old, remote])
    one = Incident.objects.create(title_fr="Autre", text_fr="…")
    one.subjects.set([old])
    manners = SubjectManners.objects.create(subject=old, is_presales=True)
    subjects.merge(old, remote, by=mia)
    for row in (macro, changed, child, manners):
        row.refresh_from_db()
    assert {macro.subject, changed.subject, child.parent, manners.subject} == {remote}
    assert (list(one.subjects.all()), both.subjects.count()) == ([remote], 2)
    Macro.objects.filter(pk=changed.pk).update(subject=sim)
    subjects.undo(old, by=mia)
    for row in (macro, changed, child, manners, old):
        row.refresh_from_db()
    assert {macro.subject, child.parent, manners.subject} == {old}
    assert changed.subject == sim
    assert (list(one.subjects.all()), set(both.subjects.all())) == ([old], {old, remote})
    assert old.is_active
    assert old.merged_into is None
    assert AuditEntry.objects.filter(model="crm.subject", verb="unmerged", object_id=old.pk)


def test_what_would_be_a_loop_is_refused_in_words(old, remote, sim, mia):
    below = factories.SubjectFactory(slug="below", parent=old)
    for kept in (old, below):
        with pytest.raises(subjects.NotMergeable):
            subjects.merge(old, kept, by=mia)
    subjects.merge(below, old, by=mia)  # a child into its branch
    subjects.merge(old, remote, by=mia)
    below.refresh_from_db()
    assert below.current == remote  # not a chain
    for gone, kept in ((remote, old), (old, sim), (below, sim)):
        with pytest.raises(subjects.NotMergeable):
            subjects.merge(gone, kept, by=mia)
    with pytest.raises(subjects.NotUndoable):
        subjects.undo(below, by=mia)  # its branch was merged since
    subjects.undo(old, by=mia)
    subjects.undo(below, by=mia)
    assert set(Subject.objects.current().items()) >= {(old.pk, old.pk), (below.pk, below.pk)}
    subjects.retire(sim)
    with pytest.raises(subjects.NotMergeable):
        subjects.merge(old, sim, by=mia)
    with pytest.raises(subjects.NotUndoable):
        subjects.undo(old, by=mia)


def test_an_open_exchange_closes_as_the_other_one(old, remote, ada, bea, box_queue, mia):
    row = interactions.open("chat", ada, subject=old, queue=box_queue)
    subjects.merge(old, remote, by=mia)
    interactions.take(row.pk, bea)
    row = interactions.close(interactions.locked(row.pk), by=bea, outcome="solved")
    assert (row.subject, row.real_subject) == (old, remote)


def test_what_was_learnt_of_it_proposes_the_other_one(
    old, remote, ada, closed, mia, bea, box_queue
):
    for n in range(12):
        row = closed(old if n % 2 else remote)
        row.title = "La zappette clignote encore" if n % 2 else "Ecran noir"
        row.save()
    for row in (old, remote):
        row.refresh_from_db()
    sim = factories.SubjectFactory(slug="sim2", name_fr="SIM")
    subjects.merge(old, sim, by=mia)
    asked = interactions.open(
        "chat", ada, subject=remote, queue=box_queue, title="Ma zappette clignote encore"
    )
    assert [one.subject for one in closing_code.propose(asked)][:1] == [sim]


def test_a_retired_one_is_chosen_by_nobody_and_still_asked_for(old, remote, closed, admins, client):
    closed(old)
    assert admins.post(page(old), {"do": "retire"}).status_code == 302
    assert old not in Subject.objects.leaves()
    assert remote in Subject.objects.leaves()
    assert offered(subject=str(old.pk))[1] == 1
    assert admins.post(page(old), {"do": "take_up"}).status_code == 302
    assert old in Subject.objects.leaves()


def test_a_branch_of_which_all_is_retired_can_be_asked_about_itself(old, remote):
    Subject.objects.filter(pk=old.pk).update(parent=remote)
    assert remote not in Subject.objects.leaves()
    subjects.retire(old)
    assert remote in Subject.objects.leaves()


def test_an_administrator_looks_merges_and_takes_it_back(old, remote, closed, admins):
    closed(old)
    Macro.objects.create(name="Zappette", subject=old)
    asked = admins.get(page(old), {"into": remote.pk}).content.decode()
    assert "Télécommande" in asked or "Remote control" in asked
    admins.post(page(old), {"do": "merge", "into": remote.pk})
    old.refresh_from_db()
    assert old.merged_into == remote
    assert admins.get(page(old)).status_code == 200
    change = reverse("admin:crm_subject_change", args=[old.pk])
    assert 'name="is_active"' not in admins.get(change).content.decode()
    admins.post(page(old), {"do": "merge", "into": remote.pk})  # twice
    admins.post(page(old), {"do": "undo"})
    old.refresh_from_db()
    assert old.merged_into is None
    assert old.is_active


@pytest.mark.parametrize("asked", [{"into": "x"}, {"into": "9" * 20}, {"into": "999999"}])
def test_nonsense_is_not_found(old, admins, asked):
    assert admins.get(page(old), asked).status_code == 404
    assert admins.post(page(old), {"do": "merge", **asked}).status_code == 404
    assert admins.post(page(old), {"do": "burn"}).status_code == 404


def test_nobody_else_changes_the_tree(old, remote, bea, mia, mallory, enter):
    for user in (bea.user, mia, mallory):
        them = enter(user)
        assert them.get(page(old)).status_code in (302, 403, 404)
        assert them.post(page(old), {"do": "merge", "into": remote.pk}).status_code in (
            302,
            403,
            404,
        )
    old.refresh_from_db()
    assert old.merged_into is None
    assert old.is_active


def test_an_old_short_name_leads_to_the_other_one(old, remote, mia, client):
    subjects.merge(old, remote, by=mia)
    assert (
        list(Subject.objects.called("old"))
        == [remote]
        == list(Subject.objects.called("remote-control"))
    )
