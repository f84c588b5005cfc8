"""Whatever a conversation says of itself has words: at the desk, for customers in the widget."""

import ast
import re
from pathlib import Path

from chat.services import texts as widget
from crm.admin.desk import texts
from crm.models import DueTime

ROOT = Path(__file__).resolve().parents[2]
APPS = ("crm", "chat", "tickets", "selfcare")
# one code, one sentence per reason
BY_REASON = {
    "given_back": ("given_back_unanswered", "given_back_lost"),
}
# which argument of these is the code; `tell` keeps it among colleagues, `note` does not
PLACE = {"tell": 1, "note": 1, "_set_aside": 3}


def _codes(node):
    """The strings an expression can be; f-strings by the kinds of due times."""
    if isinstance(node, ast.IfExp):
        return _codes(node.body) | _codes(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return {f"{step}_{kind}" for step in ("late", "soon") for kind in DueTime.Kind.values}
    return {node.value} if isinstance(node, ast.Constant) else set()


def _in_call(call):
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    mails = name == "tell" and getattr(getattr(call.func, "value", None), "id", "") == "promises"
    words = {word.arg: word.value for word in call.keywords}
    found = _codes(words["event"]) if "event" in words else set()
    if name in PLACE and len(call.args) > PLACE[name] and not mails:
        found |= _codes(call.args[PLACE[name]])
    for part in [*call.args, *words.values()]:
        found |= _in_dict(part)
    default = ast.Constant(name not in PLACE or name == "note")
    shown = getattr(words.get("to_customer", default), "value", False)
    return {(code, shown) for code in found}


def _in_dict(node):
    pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
    return set().union(*(_codes(v) for k, v in pairs if getattr(k, "value", "") == "event"))


def emitted(*apps):
    """(code, whether customers read it), as the services' code says it."""
    found = {("reopened", True), ("waiting", True), ("ended", True)}  # through a variable
    for app in apps:
        for path in (ROOT / app / "services").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                found |= {(code, False) for code in _in_dict(node)}
                found |= _in_call(node) if isinstance(node, ast.Call) else set()
    return found


def test_what_is_told_is_found():
    codes = {code for code, _shown in emitted(*APPS)}
    assert {"given_back", "silent", "snoozed", "left", "late_first", "mail_bounced"} <= codes
    assert {"assigned", "callback_asked", "ordered", "order_undone", "joined"} <= codes


def test_every_event_has_words_at_the_desk():
    known = texts.texts()
    wanted = {name for code, _shown in emitted(*APPS) for name in BY_REASON.get(code, (code,))}
    assert {name for name in wanted if f"ev_{name}" not in known} == set()


def test_every_event_that_a_customer_reads_in_a_chat_has_words_in_the_widget(db):
    script = (ROOT / "chat/static/chat/lines.js").read_text()
    called = re.search(r"called = \{(.*?)\};", script).group(1)
    by_another = dict(re.findall(r'(\w+): "(\w+)"', called))
    says_itself = set(re.findall(r'body\.event === "(\w+)"', script))
    wanted = {code for code, shown in emitted("crm", "chat") if shown} - says_itself
    assert by_another["ended"] == "closed"
    assert {by_another.get(code, code) for code in wanted} - set(widget.shipped("en")) == set()
