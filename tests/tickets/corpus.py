"""Mails as a support address gets them, and what is right for each."""

import base64
import quopri
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import Header

TO = "assistance@lumio.example"
_WORDS = ["façade", "réseau", "clé", "télécommande", "où", "déjà", "Noël", "boîtier", "coupure"]
_CHARSETS = ("utf-8", "iso-8859-1", "windows-1252", "utf-8", "iso-8859-15")
_ROBOTS = (
    "Auto-Submitted: auto-replied",
    "X-Auto-Response-Suppress: All",
    "X-Autoreply: yes",
    "Precedence: auto_reply",
    "Return-Path: <>",
)


_SHARES = {"request": 38, "reply": 36, "early": 3, "robot": 10, "bounce": 7, "list": 3, "copy": 3}
Root = tuple[int, str, list[str]]  # thread, customer, ids so far


@dataclass
class Case:
    """One mail. `thread` is the number of the request it belongs to; None: to none."""

    kind: str  # request, reply, early, robot, bounce, list, copy
    raw: bytes
    thread: int | None
    message_id: str
    said: str = ""  # a sentence that must be read as written
    quoted: str = ""  # words that are quoted, and so not new
    files: list[bytes] = field(default_factory=list)


def make(count: int, seed: int = 7) -> list[Case]:
    """In the order of their arrival; the same for one seed."""
    return list(_cases(count, random.Random(seed)))


def _cases(count: int, chance: random.Random) -> Iterator[Case]:
    roots: list[Root] = []
    held: list[Case] = []  # parents that come after their answers
    for number in range(count):
        if held and chance.random() < 0.5:
            yield held.pop()
        kind = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
        if not roots or kind in {"request", "early"}:
            opening = _request(number, roots, chance)
            if kind == "early":
                held.append(opening)
                opening = _reply(number, roots[-1], chance, early=True)
            yield opening
        else:
            yield _FOLLOWING[kind](number, chance.choice(roots[-30:]), chance)
    yield from held


def _request(number: int, roots: list[Root], chance: random.Random) -> Case:
    thread, sender, first = len(roots), f"client{len(roots)}@home.example", f"first{number}@home.x"
    roots.append((thread, sender, [first]))
    return _written("request", thread, first, sender, chance)


def _written(
    kind: str,
    thread: int | None,
    identifier: str,
    sender: str,
    chance: random.Random,
    heads: str = "",
    quoted: str = "",
) -> Case:
    said = f"Dossier {identifier} : {' '.join(chance.choices(_WORDS, k=6))}, 45 cm à régler"
    body = f"Bonjour,\n\n{said}\n"
    if quoted:
        body += f"\nLe 20 nov. 2026 à 10:12, Assistance <{TO}> a écrit :\n> {quoted}\n> Merci\n"
    charset = chance.choice(_CHARSETS)
    subject = Header(f"Demande {identifier} été", charset).encode()
    head = (
        f"From: Client <{sender}>\nTo: {TO}\nSubject: {subject}\nMessage-ID: <{identifier}>\n"
        f"Date: Sun, 22 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n{heads}"
    ).encode()
    files = [chance.randbytes(chance.randrange(1_000, 20_000))] if chance.random() < 0.15 else []
    return Case(
        kind, head + _body(body, charset, files, chance), thread, identifier, said, quoted, files
    )


def _body(text: str, charset: str, files: list[bytes], chance: random.Random) -> bytes:
    data = text.encode(charset)
    how = chance.choice(["8bit", "base64", "quoted-printable"])
    if how == "base64":
        data = base64.encodebytes(data)
    elif how == "quoted-printable":
        data = quopri.encodestring(data)
    plain = (
        f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {how}\n\n"
    ).encode() + data
    if not files:
        return plain
    parts = b"".join(
        b"--cut\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
        b'Content-Disposition: attachment; filename="pi=?utf-8?q?=C3=A8?=ce.pdf"\n\n'
        + base64.encodebytes(file)
        for file in files
    )
    return (
        b'Content-Type: multipart/mixed; boundary="cut"\n\n--cut\n' + plain + b"\n" + parts
    ) + b"--cut--\n"


def _reply(number: int, root: Root, chance: random.Random, *, early: bool = False) -> Case:
    thread, sender, known = root
    identifier = f"reply{number}@home.example"
    unknown = f"<unknown{number}@elsewhere.example>"
    chain = " ".join(f"<{each}>" for each in known)
    how = "parent" if early else chance.choice(["parent", "references", "unknown parent", "both"])
    heads = {
        "parent": f"In-Reply-To: <{known[-1]}>\n",
        "references": f"References: {chain}\n",
        "unknown parent": f"In-Reply-To: {unknown}\nReferences: {chain} {unknown}\n",
        "both": f"In-Reply-To: <{known[-1]}>\nReferences: {chain}\n",
    }[how]
    made = _written("reply", thread, identifier, sender, chance, heads, f"ancien{number} texte")
    known.append(identifier)
    return made


def _robot(number: int, root: Root, chance: random.Random) -> Case:
    linked = chance.random() < 0.5
    heads = f"{chance.choice(_ROBOTS)}\n"
    if linked:
        heads += f"In-Reply-To: <{root[2][-1]}>\n"
    thread = root[0] if linked else None
    made = _written("robot", thread, f"robot{number}@home.example", root[1], chance, heads)
    made.files = []
    return made


def _bounce(number: int, root: Root, chance: random.Random) -> Case:
    identifier = f"bounce{number}@relay.example"
    raw = (
        "From: MAILER-DAEMON@relay.example\n"
        f"To: {TO}\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <{identifier}>\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; "
        'boundary="cut"\n\n--cut\nContent-Type: text/plain\n\nSorry.\n--cut\n'
        "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; gone@home.example\n"
        "Action: failed\n--cut\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: <{root[2][0]}>\nSubject: x\n--cut--\n"
    )
    return Case("bounce", raw.encode(), root[0], identifier)


def _list(number: int, root: Root, chance: random.Random) -> Case:
    identifier = f"list{number}@news.example"
    raw = (
        f"From: News <news@news.example>\nTo: {TO}\nSubject: Offres\nMessage-ID: <{identifier}>\n"
        "List-Id: <offers.news.example>\nPrecedence: bulk\n\nAchetez.\n"
    )
    return Case("list", raw.encode(), None, identifier)


def _copy(number: int, root: Root, chance: random.Random) -> Case:
    """Stands for "the mail before, once more": whoever delivers repeats one that came already."""
    return Case("copy", b"", None, f"copy{number}-{chance.random()}")


_FOLLOWING = {
    "reply": _reply,
    "robot": _robot,
    "bounce": _bounce,
    "list": _list,
    "copy": _copy,
}


def delivered(cases: list[Case], seed: int = 7) -> list[bytes]:
    """The bytes in their order, with copies of earlier mails where the cases say so."""
    chance = random.Random(seed)
    raws: list[bytes] = []
    for case in cases:
        again = b"Received: by another way\n" + chance.choice(raws) if case.kind == "copy" else b""
        raws.append(again or case.raw)
    return raws
