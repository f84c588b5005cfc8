"""What a mail says, whatever it is made of."""

import base64
import json
import time

import pytest
from django.core.management import CommandError, call_command

from tests.tickets import packs
from tests.tickets.conftest import MAILS, letter
from tickets.mail.parse import _parse, parse
from tickets.mail.reply import new_text

HEAD = b"From: Ada <ada@lenoir.example>\nTo: a@lumio.example\nMessage-ID: <1@x>\n"


def test_every_field_is_read():
    mail = parse(letter("request", id="r1"))
    assert (mail.from_email, mail.from_name) == ("ada@lenoir.example", "Ada Lénoir")
    assert mail.to == ["assistance@lumio.example"]
    assert mail.subject == "Ma télécommande ne répond plus"
    assert mail.message_id == "r1@example.test"
    assert mail.date.isoformat() == "2026-11-22T16:00:00+00:00"
    assert (mail.verdict, mail.why) == ("accept", "")


@pytest.mark.parametrize(
    ("charset", "body", "read"),
    [
        ("iso-8859-1", "façade 45 €".encode("cp1252"), "façade 45 €"),
        ("x-unknown-one", "été".encode(), "été"),
        ("", "été".encode("latin-1"), "été"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("gb2312", "你好".encode("gb18030"), "你好"),
        ("iso-2022-jp", "こんにちは".encode("iso2022_jp"), "こんにちは"),
        ("utf-8", b"a\x00b", "ab"),
        ("idna", b"plain", "plain"),
    ],
)
def test_old_and_wrong_charsets_are_read_as_written(charset, body, read):
    raw = HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode() + body
    assert parse(raw).text == read


def test_html_loses_what_could_act_and_keeps_what_is_said():
    raw = HEAD + (
        b"Content-Type: text/html\n\n<p onclick=x>Bonjour<script>alert(1)</script>"
        b"<a href='javascript:x'>lien</a><iframe src=x></iframe><img src=cid:1 onerror=y></p>"
    )
    mail = parse(raw)
    assert mail.text == "Bonjourlien"
    for bad in ("script", "onclick", "javascript", "iframe", "onerror"):
        assert bad not in mail.html


def test_a_file_name_is_no_path():
    raw = HEAD + (
        b'Content-Disposition: attachment; filename="../../etc/\x01evil.php"\n'
        b"Content-Type: application/x-php\n\nx"
    )
    assert parse(raw).attachments[0].name == "evil.php"


REPLIES = [
    "Merci.\n\nLe lun. 2 nov. 2026 à 10:00, Assistance <a@l.example> a écrit :\n\n> Bonjour\n> x",
    "Merci.\n\nLe lundi 2 novembre 2026 à 10:00:12 UTC+1, Assistance\n<a@l.example> a écrit :\n\nx",
    "Merci.\n\nDe : Bea <a@l.example>\nEnvoyé : lundi 2 novembre 2026\nÀ : Ada\nObjet : x\n\nx",
    "Merci.\n\n-----Message d'origine-----\nDe : Assistance\nBonjour",
    "Merci.\n\nEnvoyé de mon iPhone\n\n> Le 2 nov. 2026, Bea <a@l.example> a écrit :\n> \n> x",
    "Merci.\n\nOn Mon, Nov 2, 2026 at 10:00 AM Support <a@l.example>\nwrote:\n\n> Hello",
    "Merci.\n\n_____________________\nFrom: Bea\nSent: Monday\nTo: Ada\nSubject: x\n\nHi",
    "Merci.\n\nAm 02.11.2026 um 10:00 schrieb Support:\n> Hallo",
    "Merci.\n\nVon: Support\nGesendet: Montag\nAn: Ada\nBetreff: x\n\nHallo",
    "Merci.\n\nEl lun, 2 nov 2026 a las 10:00, Soporte (<a@l.example>) escribió:\n\n> Hola",
    "Merci.\n\nIl giorno lun 2 nov 2026 alle ore 10:00 Bea <a@l.example> ha scritto:\n\n> Ciao",
    "Merci.\n\nOp ma 2 nov. 2026 om 10:00 schreef Support <a@l.example>:\n\n> Hallo",
    "Merci.\n\nEm seg., 2 de nov. de 2026 às 10:00, Suporte <a@l.example> escreveu:\n\n> Olá",
    "Merci.\n\npon., 2 lis 2026 o 10:00 Wsparcie <a@l.example> napisał(a):\n\n> Witam",
    "Merci.\n\n-- \nAda Lenoir\n12 rue des Lilas",
    "> Bonjour, ça va ?\n\nMerci.",
]


@pytest.mark.parametrize("text", REPLIES)
def test_only_what_is_new_is_taken_as_new(text):
    assert new_text(text) == "Merci."


def test_answers_between_the_quotes_stay_in_their_order():
    text = "Le 2 nov. 2026, Bea a écrit :\n> Quelle box ?\nLa 5.\n> Depuis quand ?\nHier."
    assert new_text(text) == "La 5.\nHier."


@pytest.mark.parametrize(
    "text",
    [
        "Il m'a écrit : c'est cassé.\nMerci",
        "De : rien, merci pour tout\nà demain",
        "Bonjour,\nle voisin a écrit :\nbref.",
        "On my box the light is red.\nI wrote: nothing works.",
    ],
)
def test_what_only_looks_like_a_quote_is_kept(text):
    assert new_text(text) == text


def test_a_mail_that_is_all_quote_is_kept_whole():
    text = "---------- Forwarded message ---------\nFrom: x\nTo: y\nSubject: z\n\nVoici"
    assert new_text(text) == text


HOSTILE = {
    "open tags": b"Content-Type: text/html\n\n" + b"<b><p>" * 100_000,
    "deep tags": b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "tables": b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 50_000,
    "nesting": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (k, k) for k in range(2_000)
    ),
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
    "false boundaries": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bx\n" * 200_000,
    "header": b"X: " + b"a" * 1_000_000 + b"\n\nx",
    "words": b"Subject: " + b"=?utf-8?q?a?= " * 70_000 + b"\n\nx",
    "open words": b"Subject: " + b"=?utf-8?q?" * 70_000 + b"\n\nx",
    "addresses": b"Cc: " + b"a@b.test," * 100_000 + b"\n\nx",
    "brackets": b"Cc: " + b"<" * 500_000 + b"\n\nx",
    "quotes": b"\n" + (b"On " + b"a " * 190 + b"\n") * 10_000,
    "wrapped": b"\n" + (b"Le " + b"a " * 40 + b"\n") * 10_000,
    "uu": b"\n" + b"begin 644 x\n" * 100_000,
    "parameters": b"Content-Type: text/plain; " + b"a*0=b;" * 100_000 + b"\n\nx",
    "spaces": b"Subject: " + b" " * 500_000 + b"x\n\n",
    "text": b"\n" + b"mot " * 2_500_000,
    "header blocks": b"\n" + b"De : x\n\n" * 30_000,
    "closings": b"\n" + b"Cordialement\n" * 30_000,
    "padding": b"Content-Transfer-Encoding: base64\n\n" + b"=\n" * 2_000_000,
    "packs": b"Content-Type: application/ms-tnef\n\n" + packs.winmail(files=100_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_cost_seconds_at_most(name):
    began = time.process_time()
    _parse(HEAD + HOSTILE[name])
    assert time.process_time() - began < 4


def test_what_outlook_packed_is_unpacked():
    raw = HEAD + b"Content-Type: application/ms-tnef; name=winmail.dat\n"
    raw += b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(packs.winmail())
    mail = parse(raw)
    assert mail.text == "Voir la pièce."
    assert [(file.name, file.content_type, file.bytes) for file in mail.attachments] == [
        ("Été.txt", "text/plain", b"bytes")
    ]


def test_a_pack_that_is_torn_stays_as_it_is():
    torn = HEAD + b"Content-Type: application/ms-tnef; name=winmail.dat\n\n" + packs.winmail()[:30]
    assert [file.name for file in parse(torn).attachments] == ["winmail.dat"]


def test_a_forgotten_semicolon_hides_nothing():
    raw = HEAD + b"Content-Type: multipart/mixed boundary=b\n\n--b\n\nx\n--b\n"
    raw += b"Content-Type: image/png\n\nPNG\n--b--\n"
    assert [file.content_type for file in parse(raw).attachments] == ["image/png"]


def test_what_follows_the_padding_is_no_part_of_the_text():
    raw = HEAD + b"Content-Transfer-Encoding: base64\n\nw6l0w6kK== and more\nw6l0w6kK\n"
    assert parse(raw).text == "été\nété"


@pytest.mark.parametrize(
    ("head", "body", "failed"),
    [
        ("From: postmaster@relay.example\nSubject: Undeliverable Mail",
         "Delivery failed 10 attempts: gone@home.example\n\nOriginal message follows.",
         ["gone@home.example"]),
        ("From: Mail Delivery System <noreply@relay.example>\nSubject: failure notice",
         "<gone@home.example>:\nSorry, no mailbox here by that name.\n--- Below this line\n",
         ["gone@home.example"]),
        ("From: <>\nSubject: Non remis : votre message", "gone@home.example",
         ["gone@home.example"]),
        ("From: Ada <ada@lenoir.example>\nSubject: TR: Undeliverable: x", "x@home.example", None),
    ],
)  # fmt: skip
def test_a_report_in_words_only_is_a_bounce(head, body, failed):
    mail = parse(f"{head}\nTo: a@lumio.example\n\n{body}".encode())
    assert (mail.verdict == "bounce") == (failed is not None)
    assert mail.failed == (failed or [])


def test_the_command_says_what_it_saw(capsys):
    call_command("parse_mail", str(MAILS / "request.eml"))
    seen = json.loads(capsys.readouterr().out)
    assert seen["from_email"] == "ada@lenoir.example"
    assert seen["attachments"] == []


def test_the_command_tells_what_it_can_read_and_ends_with_an_error_for_the_rest(capsys):
    with pytest.raises(CommandError, match=r"nowhere\.eml: No such file"):
        call_command("parse_mail", "nowhere.eml", str(MAILS / "request.eml"), str(MAILS))
    assert json.loads(capsys.readouterr().out)["from_email"] == "ada@lenoir.example"
