"""The palette offers at the desk what the toolbar offers, and nowhere else."""

import re
from pathlib import Path

import pytest

from crm.admin.desk import commands
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
DESK = "http://agent.localhost:8000/console/desk/"


def found(client, word, where):
    asked = {"s": word, "extended": "1"}
    page = client.get("/console/search/", asked, HTTP_HX_CURRENT_URL=where)
    return re.findall(r"#do-(\w+)", page.content.decode())


def test_a_word_of_a_command_finds_it_at_the_desk_only(bea):
    client = signed_in(bea.user, second_factor=True)
    client.cookies["django_language"] = "en"
    assert found(client, "transf", f"{DESK}#42") == ["transfer"]
    assert found(client, "aside", DESK) == ["snooze"]
    assert found(client, "transf", "http://agent.localhost:8000/console/crm/customer/") == []


def test_each_command_is_one_that_the_script_knows_and_no_key_is_taken_twice():
    every = (*commands.FIRST, *commands.MORE)
    doing = (ROOT / "crm/static/crm/desk/doing.js").read_text()
    shown = (ROOT / "crm/static/crm/desk/conversation.js").read_text()
    for one in every:
        assert f"      {one.name}: () =>" in doing
        assert re.search(rf"\b{one.name}(:|,)", shown)
    keys = [one.key for one in every if one.key]
    main = (ROOT / "crm/static/crm/desk/main.js").read_text()
    keys += re.findall(r'^  "?(\S?)"?: ', main[main.index("keys.listen({") :], re.M)
    assert sorted(keys) == sorted(set(keys))
