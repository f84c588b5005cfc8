"""One mail conversation, as Outlook, an iPhone, Gmail and Thunderbird write it."""

import email
import json
import re
import smtplib
import uuid
from email import policy

from playwright.sync_api import Page, expect

from tests.journeys import people
from tests.tickets.conftest import MAILS, letter

TO = "assistance@lumio.example"


def arrives(live, name: str, **words: str) -> None:
    """The bytes as the mail program made them, by SMTP to the demo's listener."""
    port = json.loads((live.var / "ports.json").read_text())["mail"]
    raw = letter(name, to=TO, id=uuid.uuid4().hex, **words)
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as server:
        server.sendmail("x@garnier.example", [TO], re.sub(rb"\r?\n", b"\r\n", raw))


def unfolds(page: Page, said: str):
    """The mail as it was sent, under the message with these words."""
    message = page.locator("#desk-log article", has_text=said)
    message.locator("details.b-original > summary").click()
    expect(message.locator("dl.b-letter-facts")).to_be_visible()
    return message


def shows_its_picture(message) -> None:
    picture = message.frame_locator("iframe.b-letter").locator("img[src*='/file/']")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0


def test_four_mail_programs_one_conversation(live, open_window):
    bea = open_window().page
    bea.goto(live.link("agent"))
    arrives(live, "outlook")
    people.takes(bea, "ma box n’affiche plus rien")

    # Outlook: its picture within, its bill beside, nothing from elsewhere before somebody asks.
    message = unfolds(bea, "ma box n’affiche plus rien")
    shows_its_picture(message)
    expect(message.locator(".b-letter-files")).to_contain_text("Facture novembre.pdf")
    expect(message.locator(".b-letter-remote a")).to_be_visible()
    expect(message.frame_locator("iframe.b-letter").locator("img[src^=http]")).to_have_count(0)

    # Bea copies whom the customer copied, sends a picture along, thinks again, and sends it.
    expect(bea.locator("#desk-to")).to_have_text("paul@garnier.example")
    expect(bea.locator("#desk-cc")).to_have_value("nadia@garnier.example")
    picture = {"name": "voyant.png", "mimeType": "image/png", "buffer": _picture()}
    with bea.expect_file_chooser() as chooser:
        bea.locator("#desk-attach").click()
    chooser.value.set_files([picture])
    bea.locator("#desk-field").fill("De quelle couleur est le **voyant** ?\n\n")
    bea.locator("#desk-letter-files button", has_text="texte").click()
    bea.locator("#desk-preview-open").click()
    look = bea.frame_locator("#desk-preview iframe")
    expect(look.locator("strong", has_text="voyant")).to_be_visible()
    bea.locator("#desk-preview [data-cancel]").click()
    bea.locator("#desk-write button[type=submit]").click()
    sent = bea.locator("#desk-log article[data-author=agent]", has_text="De quelle couleur")
    sent.get_by_role("button", name="Annuler l’envoi").click()
    expect(bea.locator("#desk-field")).to_have_value(re.compile("voyant"))
    expect(bea.locator("#desk-letter-files li")).to_have_count(1)
    expect(sent).to_have_count(0)
    bea.locator("#desk-write button[type=submit]").click()
    expect(sent).to_have_count(1)
    shows_its_picture(unfolds(bea, "De quelle couleur"))
    ours = _last_sent(bea)

    # An iPhone in copy, Gmail with a link that misleads, Thunderbird answering between the lines.
    arrives(live, "apple", parent=ours)
    people.reads(bea, "Le voyant est rouge, voir la photo.\n\nNadia", seconds=60)
    reply = bea.locator("#desk-log article", has_text="Le voyant est rouge")
    expect(reply.locator(".desk-by b")).to_have_text("Nadia Garnier")
    expect(reply.locator(".desk-stranger")).to_have_count(0)
    shows_its_picture(unfolds(bea, "Le voyant est rouge"))
    arrives(live, "gmail", parent=ours)
    arrives(live, "thunderbird", parent=ours)
    people.reads(bea, "C'est bien cela, elle est réparée ! Merci.", seconds=60)
    message = unfolds(bea, "elle est réparée")
    expect(message.locator(".b-warning")).to_be_visible()
    said = message.frame_locator("iframe.b-letter").locator("body")
    expect(said).to_contain_text("(compte.garnier.example)")
    expect(said.locator("blockquote")).to_contain_text("Débranchez-la dix secondes.")
    flowed = bea.locator("#desk-log article", has_text="Pourquoi 12 € de plus")
    expect(flowed).to_contain_text("Je l'ai fait, merci.")
    expect(flowed.locator(".desk-bubble")).not_to_contain_text("Débranchez")
    expect(bea.locator("#desk-mine > li", has_text="Garnier")).to_have_count(1)
    expect(bea.locator("#desk-waiting > li", has_text="Garnier")).to_have_count(0)
    people.closes(bea, "cancelled")


def _picture() -> bytes:
    mail = email.message_from_bytes((MAILS / "outlook.eml").read_bytes(), policy=policy.default)
    return next(
        part.get_content() for part in mail.walk() if part.get_content_maintype() == "image"
    )


def _last_sent(page: Page) -> str:
    """The Message-ID of the answer, as its mail program would have read it."""
    number = page.url.rpartition("#")[2]
    address = f"/api/v1/mails/?interaction={number}&direction=out"
    found = page.evaluate("address => fetch(address).then((answer) => answer.json())", address)
    return next(mail["header_id"] for mail in found["results"] if mail["cc"])
