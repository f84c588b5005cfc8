"""A real IMAP server on loopback: Debian's Dovecot, started once by whoever asks for it first.

Mailboxes are Maildirs that tests fill by writing files, so that UIDs follow the order given."""

import base64
import getpass
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import jwt

PROGRAM = "/usr/sbin/dovecot"
PASSWORD = "open-sesame"
_CONFIG = """
base_dir = {run}
state_dir = {run}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
log_path = {folder}/log
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
last_valid_uid = 0
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""
_OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""
_TOKEN_KEY = "what a token server and its mail server share"


@dataclass
class Dovecot:
    folder: Path
    port: int
    tls_port: int
    process: subprocess.Popen[bytes]
    numbers: int = 0

    @property
    def certificate(self) -> Path:
        return self.folder / "cert.pem"

    def user(self) -> str:
        """A name with an empty mailbox."""
        self.numbers += 1
        return f"box{self.numbers}"

    def token(self, user: str, lasts: int = 60) -> str:
        """What a token server would give for this user."""
        now = int(time.time())
        return jwt.encode({"sub": user, "iat": now, "exp": now + lasts}, _TOKEN_KEY)

    def deliver(self, user: str, raws: Sequence[bytes], folder: str = "") -> None:
        home = self.folder / "mail" / user / (f".{folder}" if folder else "")
        for name in ("cur", "new", "tmp"):
            (home / name).mkdir(parents=True, exist_ok=True)
        at = int(time.time())
        known = len(list((home / "new").iterdir())) + len(list((home / "cur").iterdir()))
        for number, raw in enumerate(raws, known):
            file = home / "new" / f"{at + number}.M{number:06}P1.test"
            file.write_bytes(raw)
            os.utime(file, (at, at))
        _give(self.folder / "mail" / user)

    def renumber(self, user: str) -> None:
        """As a restored server does: the same mails under a new UIDVALIDITY."""
        home = self.folder / "mail" / user
        for file in home.glob("dovecot*"):
            if file.is_file():
                file.unlink()
        for file in (home / "cur").iterdir():
            file.rename(home / "new" / file.name.partition(":")[0])
        # the validity is the second of its making
        (home / "dovecot-uidvalidity").write_text(f"{int(time.time()) + 1000:08x}")
        _give(home)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


def _names() -> tuple[str, str, str, str]:
    """(user, group) of the server's own processes, and of those that read mail."""
    if os.geteuid() == 0:
        return "nobody", "nogroup", "mail", "mail"
    own, group = getpass.getuser(), grp.getgrgid(os.getegid()).gr_name
    return own, group, own, group


def _give(path: Path) -> None:
    if os.geteuid() != 0:
        return
    owner = pwd.getpwnam("mail")
    for each in (path, *path.rglob("*")):
        os.chown(each, owner.pw_uid, owner.pw_gid)


def start() -> Dovecot:
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # sockets want a short path
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    _give(folder / "mail")
    port, tls_port = _free_port(), _free_port()
    _certificate(folder)
    user, group, mail_user, mail_group = _names()
    (folder / "dovecot.conf").write_text(
        _CONFIG.format(
            run=folder / "run", folder=folder, port=port, tls_port=tls_port, password=PASSWORD,
            user=user, group=group, mail_user=mail_user, mail_group=mail_group,
        )
    )  # fmt: skip
    (folder / "oauth2.conf").write_text(_OAUTH2.format(folder=folder))
    key = folder / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_text(base64.b64encode(_TOKEN_KEY.encode()).decode())
    process = subprocess.Popen(
        [PROGRAM, "-F", "-c", str(folder / "dovecot.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Dovecot(folder, port, tls_port, process)
    for _try in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as line:
                if line.recv(20).startswith(b"* OK"):
                    return server
        except OSError:
            time.sleep(0.1)  # nobody tells when another process listens
    log = folder / "log"
    said = log.read_text()[-2000:] if log.exists() else "nothing"
    server.stop()
    raise RuntimeError(f"Dovecot did not start: {said}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _certificate(folder: Path) -> None:
    """For `localhost`, signed by itself: trusted by tests that name it as their authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from crm import clock

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = clock.wall()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
