"""Queues, agents and hours as an administrator sets them up in the console."""

from datetime import time

import pytest
from django.urls import reverse

from crm.models import Schedule


@pytest.fixture
def saves(root):
    """`saves(row, name="…")`: the page of a row posted as it is shown, but for these fields."""

    def post(row, **changes):
        url = reverse(f"admin:crm_{row._meta.model_name}_change", args=[row.pk])
        page = root.get(url)
        forms = [page.context["adminform"].form, *_inlines(page)]
        shown = {
            form.add_prefix(name): form[name].value() for form in forms for name in form.fields
        }
        data = {key: value for key, value in shown.items() if not (value is None or value is False)}
        answer = root.post(url, data | changes)
        row.refresh_from_db()
        return answer

    return post


def _inlines(page):
    for inline in page.context["inline_admin_formsets"]:
        yield inline.formset.management_form
        yield from inline.formset.initial_forms


def test_a_queues_channels_and_languages_are_ticked_and_unticked(saves, box_queue):
    assert saves(box_queue, channels=["chat", "mail"], languages=["fr"]).status_code == 302
    assert (box_queue.channels, box_queue.languages) == (["chat", "mail"], ["fr"])
    saves(box_queue, channels=[], languages=[])
    assert (box_queue.channels, box_queue.languages) == ([], [])
    assert saves(box_queue, channels=["fax"]).status_code == 200
    assert box_queue.channels == []


def test_an_agents_first_language_stands_first(saves, bea):
    saves(bea, first_language="en", languages=["fr", "en"])
    assert bea.languages == ["en", "fr"]
    saves(bea, first_language="en", languages=["fr"])
    assert bea.languages == ["en", "fr"]


def test_levels_beyond_three_are_refused(saves, bea):
    assert saves(bea, **{"skills-0-level": "9"}).status_code == 200
    assert saves(bea, **{"skills-0-level": "3"}).status_code == 302
    assert bea.skills.get().level == 3


def test_hours_are_written_as_people_write_them(saves):
    night = Schedule.objects.create(name="Nuit")
    night.openings.create(weekday=0, opens=time(20), closes=time(8))
    saves(night, **{"openings-0-opens": "21h30", "openings-0-closes": "7h"})
    opening = night.openings.get()
    assert (opening.opens, opening.closes) == (time(21, 30), time(7))
    assert saves(night, **{"openings-0-opens": "neuf heures"}).status_code == 200
