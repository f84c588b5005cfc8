"""An IMAP folder as a row of numbered mails. Knows no model and no database.

By UIDs above the last one, never by "unseen": a person who reads the folder changes nothing.
Sizes first, then bodies in batches (of what is too large the head), and nothing is marked while
it is read (BODY.PEEK)."""

import imaplib
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

TIMEOUT = SocketTimeout(connect=10, read=60)
SIZES_AT_ONCE = 1_000
MAILS_AT_ONCE = 500
BYTES_AT_ONCE = 20 * 1024 * 1024
SIZE_LIMIT = 25 * 1024 * 1024
BY_HAND_LIMIT = 4 * SIZE_LIMIT  # for one mail that somebody asks for

# whatever may go wrong on the wire; anything else is a fault of ours
Trouble = (IMAPClientError, imaplib.IMAP4.error, OSError, ssl.SSLError)


class SignInRefused(IMAPClientError):
    """The token server did not give an access token; the message is its own."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where, and who. `token_url` set: OAuth2, `password` is then unused. `renewed` is told of the
    refresh token that some token servers give in the place of the one they were sent."""

    host: str
    port: int
    security: str  # tls, starttls, none
    username: str
    password: str = field(default="", repr=False)
    token_url: str = ""
    token_fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    renewed: Callable[[str], None] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Body:
    """One fetched mail; of one over the size limit only the head."""

    uid: int
    raw: bytes
    size: int

    @property
    def is_whole(self) -> bool:
        return self.size <= SIZE_LIMIT


class Folder:
    """An open folder. Close it, or use it in a `with`."""

    def __init__(self, server: Server, name: str) -> None:
        self.client = connect(server)
        try:
            sign_in(self.client, server)
            state = self.client.select_folder(name)
        except BaseException:
            self.close()
            raise
        self.validity = int(state.get(b"UIDVALIDITY", 0))
        self.next_uid = int(state.get(b"UIDNEXT", 0))

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        try:
            self.client.logout()
        except Trouble:
            self.client.shutdown()

    def above(self, uid: int) -> list[int]:
        """UIDs after this one, in order. `n:*` names the last mail even when it lies below n."""
        found = self.client.search(["UID", f"{uid + 1}:*"])
        return sorted(each for each in found if each > uid)

    def bodies(self, uids: Sequence[int]) -> Iterator[list[Body]]:
        """The mails, in batches of bounded number and size; one that vanished is left out."""
        for start in range(0, len(uids), SIZES_AT_ONCE):
            part = uids[start : start + SIZES_AT_ONCE]
            told = self.client.fetch(part, ["RFC822.SIZE"])
            sizes = {uid: int(told[uid][b"RFC822.SIZE"]) for uid in part if uid in told}
            for batch in _batches(sizes):
                yield self._bodies(batch)

    def _bodies(self, sizes: dict[int, int]) -> list[Body]:
        whole = [uid for uid, size in sizes.items() if size <= SIZE_LIMIT]
        large = [uid for uid, size in sizes.items() if size > SIZE_LIMIT]
        told = dict(self.client.fetch(whole, ["BODY.PEEK[]"])) if whole else {}
        if large:
            told |= self.client.fetch(large, ["BODY.PEEK[HEADER]"])
        found = []
        for uid in sorted(told):
            raw = told[uid].get(b"BODY[]", told[uid].get(b"BODY[HEADER]"))
            if raw is not None:
                found.append(Body(uid, bytes(raw), sizes[uid]))
        return found

    def size_of(self, message_id: str) -> tuple[int, int]:
        """UID and size of the mail with this Message-ID; (0, 0) when there is none."""
        found = self.client.search(["HEADER", "Message-ID", f"<{message_id}>"])
        told = self.client.fetch(found[-1:], ["RFC822.SIZE"]) if found else {}
        return next(((uid, int(one[b"RFC822.SIZE"])) for uid, one in told.items()), (0, 0))

    def whole(self, uid: int) -> bytes:
        """One mail, whatever its size."""
        return bytes(self.client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"])

    def mark_seen(self, uids: Sequence[int]) -> None:
        if uids:
            self.client.add_flags(list(uids), [b"\\Seen"], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """To another folder, which is made when it is not there."""
        if not uids:
            return
        if not self.client.folder_exists(folder):
            self.client.create_folder(folder)
        if self.client.has_capability("MOVE"):
            self.client.move(list(uids), folder)
            return
        self.client.copy(list(uids), folder)
        self.client.delete_messages(list(uids), silent=True)
        if self.client.has_capability("UIDPLUS"):
            self.client.uid_expunge(list(uids))

    def wait(self, seconds: float) -> bool:
        """IDLE: until something happens, at most so long. False when the server cannot."""
        if not self.client.has_capability("IDLE"):
            return False
        self.client.idle()
        try:
            self.client.idle_check(timeout=seconds)
        finally:
            self.client.idle_done()
        return True


def connect(server: Server) -> IMAPClient:
    """An open line, encrypted as it should be; certificates are checked."""
    context = ssl.create_default_context()
    client = IMAPClient(
        server.host,
        port=server.port,
        ssl=server.security == "tls",
        ssl_context=context,
        timeout=TIMEOUT,
    )
    if server.security == "starttls":
        try:
            client.starttls(context)
        except BaseException:
            client.shutdown()
            raise
    return client


def sign_in(client: IMAPClient, server: Server) -> None:
    if server.token_url:
        client.oauth2_login(server.username, access_token(server))
    else:
        client.login(server.username, server.password)


def access_token(server: Server) -> str:
    """A fresh one, for the consent we hold."""
    told = ask_tokens(server.token_url, server.token_fields)
    fields = dict(server.token_fields)
    renewed = told.get("refresh_token", "")
    if server.renewed is not None and renewed and renewed != fields.get("refresh_token"):
        server.renewed(renewed)
    if not (token := told.get("access_token")):
        raise SignInRefused("the token server gave no access token")
    return token


def ask_tokens(url: str, fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a token server answers to a form."""
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise SignInRefused("the token server must be https")
    request = urllib.request.Request(  # noqa: S310 (scheme checked above)
        url,
        urlencode(list(fields)).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            told = json.load(answer)
    except urllib.error.HTTPError as error:
        said = error.read(2_000).decode("utf-8", "replace")
        raise SignInRefused(f"{error.code} {said}"[:500]) from error
    except ValueError as error:
        raise SignInRefused("the token server's answer is no JSON") from error
    if not isinstance(told, dict):
        raise SignInRefused("the token server's answer is no object")
    return {str(name): str(value) for name, value in told.items()}


def _batches(sizes: dict[int, int]) -> Iterator[dict[int, int]]:
    """A mail over the limit counts as nothing: only its head is loaded."""
    batch: dict[int, int] = {}
    loaded = 0
    for uid, size in sizes.items():
        load = size if size <= SIZE_LIMIT else 0
        if batch and (len(batch) >= MAILS_AT_ONCE or loaded + load > BYTES_AT_ONCE):
            yield batch
            batch, loaded = {}, 0
        batch[uid] = size
        loaded += load
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a test: what was tried, and the error that ended it."""

    name: str  # address, line, sign_in, folder, target
    error: BaseException | None = None
    told: str = ""


def walk(server: Server, folder: str, others: Iterable[str] = ()) -> list[Step]:
    """Try it step by step, as far as it goes; nothing is changed on the server."""
    steps: list[Step] = []
    client: IMAPClient | None = None
    name = "address"
    try:
        socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
        steps.append(Step(name, told=server.host))
        name = "line"
        client = connect(server)
        steps.append(Step(name, told=server.security))
        name = "sign_in"
        sign_in(client, server)
        steps.append(Step(name, told=server.username))
        name = "folder"
        state = client.select_folder(folder, readonly=True)
        steps.append(Step(name, told=str(int(state.get(b"EXISTS", 0)))))
        name = "target"
        steps += [Step(name, told=other) for other in others if client.folder_exists(other)]
    except (*Trouble, UnicodeError) as error:
        steps.append(Step(name, error))
    finally:
        if client is not None:
            try:
                client.logout()
            except Trouble:
                client.shutdown()
    return steps


__all__ = ["Body", "Folder", "LoginError", "Server", "SignInRefused", "Step", "Trouble", "walk"]
