"""What makes an installation the demo: its hosts, its own mail ports, its door by link.

Put into the environment before settings are read; the children inherit it.
"""

import json
import os
import socket
from pathlib import Path

from config.embedded.places import unwritable, var_dir

# One host per role, so that four tabs are four people with four cookies.
HOSTS = {
    "portal": "aide.localhost",
    "shop": "boutique.localhost",
    "console": "agent.localhost",
    "manager": "manager.localhost",
    "admin": "admin.localhost",
    "auditor": "audit.localhost",
}


def enter() -> None:
    """Only for manage.py's demo commands: every other process of ours inherits it."""
    port = os.environ.setdefault("PORT", "8000")
    ports = _kept_ports(var_dir())
    urls = {name: f"http://{host}:{port}" for name, host in HOSTS.items()}
    os.environ["BRAVO_DEMO"] = "1"
    os.environ["PORTAL_URL"] = urls["portal"]
    os.environ["CONSOLE_URL"] = urls["console"]
    others = [urls[name] for name in ("shop", "manager", "admin", "auditor")]
    # what people type by habit leads to the portal too
    os.environ["EXTRA_URLS"] = " ".join([*others, f"http://localhost:{port}"])
    os.environ["SMTP_URL"] = f"smtp://127.0.0.1:{ports['catcher']}"
    os.environ["MAIL_LISTEN"] = f"127.0.0.1:{ports['mail']}"


def _kept_ports(var: Path) -> dict[str, int]:
    """Free ports, the same ones at every start as long as nobody else took them."""
    file = var / "ports.json"
    try:
        kept = json.loads(file.read_text())
    except (OSError, ValueError):
        kept = {}
    ports: dict[str, int] = {}
    for name in ("catcher", "mail"):
        port = kept.get(name)
        ports[name] = port if port and is_free(port) else _free_port(set(ports.values()))
    if ports != kept:
        try:
            var.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
            file.write_text(json.dumps(ports))
        except OSError as error:
            raise unwritable(var, error) from error
    return ports


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port(but: set[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in but:
            return port
