"""French is typed with care and speaks to customers as customers (lint: it is complete)."""

import pytest
from babel.messages.catalog import Catalog

from config import french, translations


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return translations.read()


def judged(english: str | tuple[str, str], text: str | tuple[str, str], place: str) -> list[str]:
    catalog = Catalog(locale="fr")
    catalog.add(english, text, locations=[(place, 0)])
    return [rule for _text, rule in french.faults(catalog)]


def test_the_french_keeps_its_rules(catalog):
    assert list(french.faults(catalog)) == []


def test_collecting_again_changes_nothing_by_itself(tmp_path):
    first = translations.PO.read_bytes()
    copy = tmp_path / "django.po"
    copy.write_bytes(first)
    translations.update(copy)
    again = copy.read_bytes()
    translations.update(copy)
    assert copy.read_bytes() == again


@pytest.mark.parametrize(
    ("english", "text"),
    [
        ("%(name)s writes", "%(nom)s écrit"),
        ("{n} left", "reste"),
        ("It works", "C'est bon"),
        ("Really?", "Vraiment ?"),
        ("Really?", "Vraiment?"),
        ("Email: %(mail)s", "E-mail : %(mail)s"),
        ("“Yes”", "« Oui »"),
        ("95 %", "95 %"),
        ("no. 4", "n° 4"),
        ("Wait…", "Attendez..."),
    ],
)
def test_careless_french_is_found(english, text):
    assert judged(english, text, "crm/models/team.py")


@pytest.mark.parametrize("text", ["Un agent répond", "Votre ticket", "Le tchat", "Par mail"])
def test_customers_are_not_spoken_to_as_staff(text):
    assert judged("…", text, "selfcare/templates/selfcare/home.html")
    assert not judged("…", text, "crm/admin/team.py")


@pytest.mark.parametrize(
    ("english", "text"),
    [
        ("Email: %(mail)s", "E-mail\u00a0: %(mail)s"),
        ("an address like https://a.example?b", "une adresse comme https://a.example?b"),
        ("at 17:05 in 95 %", "à 17:05 dans 95\u00a0% des cas"),
        (("One exchange", "%(n)s exchanges"), ("Un échange", "%(n)s échanges")),
        ("ada@mail.example", "ada@mail.example"),
    ],
)
def test_careful_french_passes(english, text):
    assert judged(english, text, "selfcare/templates/selfcare/home.html") == []


def test_texts_of_templates_are_found():
    places = {text.place for text in translations.find() if text.msgid == "Skip to content"}
    assert "selfcare/templates/selfcare/base.html" in places
