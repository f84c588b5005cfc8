"""A DKIM signature of our own: made, published, checked."""

import base64
import hashlib
import socket
import threading

import dns.message
import dns.resolver
import dns.rrset
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.utils import translation

from tests.tickets import dkim_verifier
from tests.tickets.conftest import letter
from tests.tickets.test_sending import notify
from tickets.mail import sign
from tickets.models import SigningKey
from tickets.services import sending, signing

pytestmark = pytest.mark.django_db


class NameServer:
    """A real one, on a port of this machine, that knows the given TXT records."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.port = self.line.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while wire := self.line.recvfrom(4096):
            data, asker = wire
            if not data:
                return
            question = dns.message.from_wire(data)
            answer = dns.message.make_response(question)
            name = question.question[0].name
            text = self.records.get(name.to_text(omit_final_dot=True))
            if text:
                pieces = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", pieces))
            self.line.sendto(answer.to_wire(), asker)

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join(5)
        self.line.close()


@pytest.fixture
def names(monkeypatch):
    server = NameServer()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    yield server
    server.stop()


@pytest.fixture
def key(assistance):
    return SigningKey.objects.create(domain="lumio.example", is_active=True)


def sent(sink) -> bytes:
    notify()
    sending.sweep()
    return bytes(sink.mails[0][1])


# of RFC 8463, appendix A.2
PUBLISHED = (
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6"
    "wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvH"
    "O9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
)


def test_the_verifier_of_these_tests_knows_the_standards_own_mail():
    raw = letter("rfc8463").replace(b"\n", b"\r\n")
    records = {"test._domainkey.football.example.com": PUBLISHED}
    assert dkim_verifier.holds(raw, records.__getitem__)
    assert dkim_verifier.holds(raw.replace(b"Is dinner", b"Is \t dinner"), records.__getitem__)
    assert not dkim_verifier.holds(raw.replace(b"dinner", b"lunch"), records.__getitem__)
    assert not dkim_verifier.holds(raw.replace(b"hungry", b"angry"), records.__getitem__)


def test_what_leaves_is_signed_for_its_domain_and_any_verifier_says_so(key, sink):
    raw = sent(sink)
    records = {key.record_name: key.record_value}
    assert dkim_verifier.holds(raw, records.__getitem__)
    assert not dkim_verifier.holds(raw + b"x\r\n", records.__getitem__)
    again = raw.replace(b"\r\nSubject:", b"\r\nSubject: Gewinn\r\nSubject:")
    assert not dkim_verifier.holds(again, records.__getitem__)
    assert not dkim_verifier.holds(b"Subject: Gewinn\r\n" + raw, records.__getitem__)


@pytest.mark.parametrize("why", ["out of use", "another domain", "another installation's"])
def test_without_a_key_that_fits_it_leaves_as_it_was(why, key, sink):
    changed = {
        "out of use": {"is_active": False},
        "another domain": {"domain": "other.example"},
        "another installation's": {"private_key": ""},
    }
    SigningKey.objects.update(**changed[why])
    assert b"DKIM-Signature" not in sent(sink)


def test_what_is_signed_is_the_standards_relaxed_form(key):
    head = b"From:  Ada <ada@lenoir.example>\r\nSubject: A \r\n folded\tline\r\n"
    body = b" a  b \r\n\r\n\r\n"
    made = sign.signature(
        head + b"\r\n" + body, "lenoir.example", "test", key.private_key, 1_700_000_000
    )
    tags, proof = made.replace(b"\r\n", b"").split(b" b=")
    assert base64.b64encode(hashlib.sha256(b" a b\r\n").digest()) in tags
    relaxed = (
        b"from:Ada <ada@lenoir.example>\r\nsubject:A folded line\r\n"
        b"dkim-signature:" + tags.removeprefix(b"DKIM-Signature: ") + b" b="
    )
    private = serialization.load_pem_private_key(key.private_key.encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    private.public_key().verify(
        base64.b64decode(proof.replace(b" ", b"")), relaxed, padding.PKCS1v15(), hashes.SHA256()
    )


def test_the_check_says_in_words_what_the_world_can_read(key, names):
    line = signing.check(key)
    assert not line.works
    assert "bravo._domainkey.lumio.example" in line.said
    names.records[key.record_name] = "v=DKIM1; p=AAAA"
    with translation.override("en"):
        assert "another key" in signing.check(key).said
    names.records[key.record_name] = key.record_value.replace(" ", "  ")
    assert signing.check(key).works
