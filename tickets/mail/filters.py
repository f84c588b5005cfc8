"""Robots, bounces, lists and loops: what the bytes alone tell. Pure.

Decided before anything is triggered. The service may raise the verdict with what the database
knows (our own addresses, our own Message-IDs, the fuse)."""

import re
from dataclasses import dataclass, field

from tickets.mail.mime import Part

ACCEPT, AUTO, BOUNCE, LOOP, REFUSE = "accept", "auto", "bounce", "loop", "refuse"
SPAM = "spam"  # never by the bytes alone: who receives decides whose marks count
HOPS_LIMIT = 40
LOOP_HEADER = "X-Bravo-Loop"  # in everything we send

_DAEMON = re.compile(r"^(?:mailer-daemon|mail-daemon|mailerdaemon|mdaemon|maildaemon)(?:@|$)")
_POSTMASTER = re.compile(r"^(?:postmaster|microsoftexchange[0-9a-f]{8,40})(?:@|$)")
_POST_NAME = re.compile(r"^(?:mail )?delivery (?:sub)?system|^mail delivery|^postmaster", re.I)
_FAILED = re.compile(
    r"undeliver(?:able|ed)|non[- ]remis|delivery (?:status notification|failure|has failed)"
    r"|failure notice|returned (?:mail|to sender)|returning message to sender"
    r"|mail delivery (?:failed|system)|delayed mail|unzustellbar|nicht zugestellt"
    r"|no se pudo entregar|mancato recapito|onbestelbaar|não entregue|échec de (?:la )?remise",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"^\s*(?:(?:re|tr|fwd?|aw)\s*:\s*)*(?:r[ée]ponse automatique|message automatique d'absence"
    r"|absence du bureau|absente? du bureau|automatic reply"
    r"|auto(?:matic)?[- ]?(?:reply|response)"
    r"|out of (?:the )?office|abwesenheits?(?:notiz|nachricht|benachrichtigung)?"
    r"|automatische antwort"
    r"|respuesta autom[áa]tica|fuera de la oficina|risposta automatica|automatisch antwoord"
    r"|resposta autom[áa]tica|odpowied[źz] automatyczna)\s*(?:[:\-–(]|$)",
    re.IGNORECASE,
)
_ROBOT_HEADERS = (
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
)
_ID_LINE = re.compile(r"^[ \t>]*message-id:[ \t]*<([^<>\s]{3,480})>", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(
    r"^(?:final|original)-recipient:[ \t]*(?:rfc822;)?[ \t]*<?([^\s<>;]{3,320})>?",
    re.IGNORECASE | re.MULTILINE,
)
_ACTION = re.compile(r"^action:[ \t]*(\w{3,20})", re.IGNORECASE | re.MULTILINE)
_NAMED = re.compile(r"[^\s<>@\"'(),:;\[\]]{1,64}@[^\s<>@\"'(),:;\[\]]{3,190}")
_REPEATED = re.compile(
    r"^[ >-]*(?:original message|this is a copy of|return-path:|received:|from:|message d'origine)",
    re.IGNORECASE | re.MULTILINE,
)
_RSPAMD = {"reject", "add header", "rewrite subject"}
_METHOD = re.compile(r"(?:^|[;\s])(spf|dkim|dmarc|arc)[ \t]*=[ \t]*(\w{2,12})", re.IGNORECASE)
_REPORT_READ = 65_536  # bytes of a report's part that are read


@dataclass(slots=True)
class Verdict:
    verdict: str
    why: str
    original_ids: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    delayed: bool = False


def spam_mark(root: Part) -> str:
    """The name of the header in which rspamd, SpamAssassin or their like call it spam."""
    headers = root.headers
    for name in ("x-spam-flag", "x-spam-status", "x-spam"):
        if headers.raw(name)[:10].lower().startswith("yes"):
            return name
    if headers.raw("x-rspamd-action").strip().lower() in _RSPAMD:
        return "x-rspamd-action"
    return ""


def authentication(root: Part) -> dict[str, dict[str, str]]:
    """By the server that looked, what it found: {"mx.lumio.example": {"spf": "pass", …}}.

    Anybody can write such a line: only that of a server of ours counts, and of several by the same
    name the topmost, which was added last."""
    found: dict[str, dict[str, str]] = {}
    for name, value in root.headers.lines:
        if name != "authentication-results" or len(found) >= 10:
            continue
        server, _semicolon, rest = value[:4_000].decode("latin-1").partition(";")
        server = server.split()[0].lower() if server.split() else ""
        methods = {method.lower(): result.lower() for method, result in _METHOD.findall(rest)}
        found.setdefault(server, methods)
    return found


def judge(root: Part, leaves: list[Part], sender: str, recipients: list[str], text: str) -> Verdict:
    """The first rule that holds, strongest first."""
    headers = root.headers
    if LOOP_HEADER.lower() in headers:
        return Verdict(LOOP, "our own mail came back")
    if headers.count("received") > HOPS_LIMIT:
        return Verdict(LOOP, "too many hops")
    if (bounce := _bounce(root, leaves, sender, text)) is not None:
        return bounce
    if not sender:
        return Verdict(REFUSE, "no sender")
    if recipients == [sender]:
        return Verdict(LOOP, "written to itself")
    if why := _robot(root):
        return Verdict(AUTO, why)
    return Verdict(ACCEPT, "")


def _bounce(root: Part, leaves: list[Part], sender: str, text: str) -> Verdict | None:
    headers = root.headers
    report = root.params.get("report-type", "").lower()
    why = ""
    if report == "delivery-status" or any(
        part.content_type in {"message/delivery-status", "message/global-delivery-status"}
        for part in leaves
    ):
        why = "delivery report"
    elif "x-failed-recipients" in headers:
        why = "failed recipients"
    elif _DAEMON.match(sender):
        why = "mailer daemon"
    elif _from_postmaster(root, sender):
        why = "postmaster"
    if not why:
        return None
    return _report(Verdict(BOUNCE, why), root, leaves, text)


def _from_postmaster(root: Part, sender: str) -> bool:
    """A report in words only: by what its sender is called and what its subject says."""
    if _no_return(root) and _POSTMASTER.match(sender):
        return True
    names = [address.name for address in root.headers.addresses("from")[:1]]
    by_post = _POSTMASTER.match(sender) or any(map(_POST_NAME.match, names))
    nobody = not sender or _no_return(root)
    return bool((by_post or nobody) and _FAILED.search(root.headers.text("subject")[:300]))


def _report(verdict: Verdict, root: Part, leaves: list[Part], text: str) -> Verdict:
    ids: list[str] = []
    for part in leaves:
        if part.content_type in {
            "message/rfc822",
            "text/rfc822-headers",
            "message/global",
            "message/global-headers",
            "message/rfc822-headers",
        }:
            ids += _ID_LINE.findall(part.content()[:_REPORT_READ].decode("latin-1"))
        elif "delivery-status" in part.content_type:
            status = part.content()[:_REPORT_READ].decode("latin-1")
            verdict.failed += _RECIPIENT.findall(status)
            actions = {action.lower() for action in _ACTION.findall(status)}
            verdict.delayed = bool(actions) and actions <= {"delayed", "relayed", "delivered"}
    ids += _ID_LINE.findall(text[:_REPORT_READ])
    verdict.failed += [address.email for address in root.headers.addresses("x-failed-recipients")]
    verdict.failed = verdict.failed or _named_in(text, root)
    verdict.failed = list(dict.fromkeys(address.lower() for address in verdict.failed))[:50]
    verdict.original_ids = list(dict.fromkeys(ids))[:20]
    return verdict


def _named_in(text: str, root: Part) -> list[str]:
    """Whom a report in words names before it repeats the mail: not who wrote it or gets it."""
    words = _REPEATED.split(text[:_REPORT_READ], maxsplit=1)[0]
    own = {each.email for line in ("from", "to") for each in root.headers.addresses(line)}
    found = (match[0].strip(".").lower() for match in _NAMED.finditer(words))
    return [address for address in found if address not in own][:3]


def _robot(root: Part) -> str:
    headers = root.headers
    submitted = headers.raw("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "auto-submitted"
    for name in _ROBOT_HEADERS:
        if name in headers and headers.raw(name).strip().lower() not in {"no", "none"}:
            return name
    return _quiet_robot(root)


def _quiet_robot(root: Part) -> str:
    headers = root.headers
    if root.params.get("report-type"):
        return "report"
    precedence = headers.raw("precedence").strip().lower()
    if precedence in {"auto_reply", "junk"}:
        return f"precedence {precedence}"
    if _no_return(root):
        return "no return path"
    if _ABSENT.match(headers.text("subject")[:300]):
        return "subject of an absence note"
    if "list-id" in headers or "list-unsubscribe" in headers or precedence in {"bulk", "list"}:
        return "list"
    return ""


def _no_return(root: Part) -> bool:
    return "return-path" in root.headers and root.headers.raw("return-path") in {"<>", ""}
