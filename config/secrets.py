"""Secrets are made at first start and readable by their owner only."""

import os
import secrets
from pathlib import Path


def secret_key(var_dir: Path) -> str:
    """SECRET_KEY from the environment, else from VAR_DIR, made there on first use (0600)."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = var_dir / "secret_key"
    var_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
