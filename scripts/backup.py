"""`./run backup`, `./run restore` and `./run verify-backup`: the database and the files of one moment, in one file.

The file is a tar archive of two members in the format of age (age-encryption.org), so that it opens without this
program too: `key.age`, a key that BACKUP_PASSPHRASE opens, and `content.age`, which that key opens, a tar archive of
`manifest.json`, `database` and `files/`. The settings themselves, SECRET_KEY among them, are not in it.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

import django
import pyrage
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounts.waiting import command_refusal
from scripts import dumps

TRIES = 3
PLACE = ".opened-backup-"  # what the folders begin with in which one is made or opened
A_MOMENT = 10  # seconds between making one and holding it, at most
KEYS = ("SECRET_KEY", "BACKUP_PASSPHRASE")  # what a restored copy needs and a backup never holds


class BackupError(Exception):
    """Why nothing was written, in Chinese."""


@contextmanager
def exit_in_words(*refusals: type[Exception], interrupted: str = "已中断。") -> Iterator[None]:
    """What goes wrong inside ends the program with a sentence; `refusals`: further errors that say why in Chinese."""
    known: tuple[type[Exception], ...] = (ImproperlyConfigured, BackupError, dumps.DumpError, *refusals)
    try:
        yield
    except OSError as problem:
        sys.exit(f"没有完成（{problem}）：请检查文件和目录是否可以读写、磁盘是否已满，再运行一次。")
    except DatabaseError as problem:
        sys.exit(command_refusal(problem))
    except known as problem:
        sys.exit(f"{str(problem).rstrip().removesuffix('。')}。")
    except KeyboardInterrupt:
        sys.exit(interrupted)


def passphrase() -> str:
    if not (phrase := os.environ.get("BACKUP_PASSPHRASE", "")):
        raise BackupError("未设置 BACKUP_PASSPHRASE：备份含手机号码和附件，须用口令加密，口令应另行妥善保管")
    return phrase


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder beside the uploads, on the same disk, so that to take a file in is to link it.

    It holds plain text, so what a killed process has left of it goes when the next one comes.
    """
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    for left in settings.VAR_DIR.glob(f"{PLACE}*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > A_MOMENT and (free := held(left)) is not None:
            shutil.rmtree(left)
            os.close(free)
    with tempfile.TemporaryDirectory(prefix=PLACE, dir=settings.VAR_DIR) as folder:
        mine = os.open(folder, os.O_RDONLY)
        fcntl.flock(mine, fcntl.LOCK_EX)
        try:
            yield Path(folder)
        finally:
            os.close(mine)


def held(folder: Path) -> int | None:
    """A descriptor by which we have the folder for ourselves; None while a living process has it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def take_file(name: str, target: Path) -> None:
    """Link it, or copy it from where it cannot be linked. Raises FileNotFoundError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(default_storage.path(name), target)
    except FileNotFoundError:
        raise
    except (NotImplementedError, OSError):  # no disk at all, or another one
        unfinished = target.with_name(f"{target.name}.part")
        with default_storage.open(name) as content, unfinished.open("wb") as copy:
            shutil.copyfileobj(content, copy)
        unfinished.rename(target)


def take_files(names: Iterable[str], folder: Path) -> list[str]:
    """Those that are not in the folder yet, into it; the names of those that are gone."""
    lost = []
    for name in names:
        if not (folder / name).exists():
            try:
                take_file(name, folder / name)
            except FileNotFoundError:
                lost.append(name)
    return lost


def collect(folder: Path) -> dict:
    """Dump and files of one moment into the folder; the manifest.

    Files are written before their rows and never again. One that was removed with its row, after that moment and before
    it was taken, makes us try again: what has been taken stays.
    """
    from accounts.audit.anchors import end_of_chain
    from workflow.orphans import stored_names

    for _ in range(TRIES):
        at = timezone.localtime()
        with dumps.snapshot(connection, folder / "database") as same:
            names = sorted(stored_names(same))
            tables, applied = dumps.fingerprints(same), dumps.migrations(same)
            head = end_of_chain(same, at)
        if not (lost := take_files(names, folder / "all")):
            break
        (folder / "database").unlink()
    else:
        raise BackupError(f"有 {len(lost)} 个附件在登记中而不在存储中，例如 {lost[0]}：请先检查附件的存储")
    files = {name: digest(folder / "all" / name) for name in names}
    return {
        "made_at": at.isoformat(timespec="seconds"),
        "vendor": connection.vendor,
        "keys": KEYS,
        "migrations": applied,
        "audit": asdict(head) if head else None,
        "tables": tables,
        "database": digest(folder / "database"),
        "files": files,
    }


def write_content(manifest: dict, folder: Path, target: Path, recipient: pyrage.x25519.Recipient) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False))
    reading, writing = os.pipe()

    def archive() -> None:
        with os.fdopen(writing, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|") as tar:
            tar.add(folder / "manifest.json", "manifest.json")
            tar.add(folder / "database", "database")
            for name in manifest["files"]:
                tar.add(folder / "all" / name, f"files/{name}")

    with ThreadPoolExecutor(1) as pool:
        archived = pool.submit(archive)
        with os.fdopen(reading, "rb") as pipe, target.open("wb") as file:
            try:
                pyrage.encrypt_io(pipe, file, [recipient])
            except pyrage.EncryptError as error:  # of the disk: nothing else can fail
                raise OSError(str(error)) from error
        archived.result()  # what could not be read must not be missing unnoticed


def backup(folder: Path) -> Path:
    """The file that was written; until it is whole it has another name.

    Raises BackupError and DumpError.
    """
    phrase, key = passphrase(), pyrage.x25519.Identity.generate()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):  # said now, not after everything was read
        raise BackupError(f"不能写入 {folder}：请把它交给运行本命令的系统账号（uid {os.geteuid()}），再运行一次")
    with workplace() as place:
        manifest = collect(place)
        write_content(manifest, place, place / "content.age", key.to_public())
        (place / "key.age").write_bytes(pyrage.passphrase.encrypt(str(key).encode(), phrase))
        target = folder / f"backup-{timezone.localtime():%Y%m%d-%H%M%S}.tar"
        unfinished = target.with_suffix(".part")
        try:
            write_whole(unfinished, place)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return target


def write_whole(target: Path, folder: Path) -> None:
    descriptor = os.open(target, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.add(folder / "key.age", "key.age")
            tar.add(folder / "content.age", "content.age")
        file.flush()
        os.fsync(file.fileno())


def member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    if found := archive.extractfile(name):
        return found
    raise KeyError(name)  # a folder


def unpack(file: Path, folder: Path) -> dict:
    """Its content, checked against its manifest, into the folder; the manifest.

    Raises BackupError if the passphrase is another one or anything was changed.
    """
    try:
        with tarfile.open(file, "r:") as tar:
            keys, content = member(tar, "key.age"), member(tar, "content.age")
            key = pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(keys.read(), passphrase()).decode())
            with (folder / "content.tar").open("wb") as plain:
                pyrage.decrypt_io(content, plain, [key])
        with tarfile.open(folder / "content.tar", "r:") as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(folder)  # noqa: S202 - encrypted with our passphrase, so written by us
        (folder / "content.tar").unlink()
        manifest = json.loads((folder / "manifest.json").read_text())
    except (pyrage.DecryptError, pyrage.IdentityError) as error:
        raise BackupError("无法解密：口令不对，或文件已被改动") from error
    except (tarfile.TarError, KeyError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:  # of the disk, not of the content
            raise
        raise BackupError("不是完好的备份文件") from error
    hashes = {f"files/{name}": expected for name, expected in manifest["files"].items()}
    for name, expected in (hashes | {"database": manifest["database"]}).items():
        if digest(folder / name) != expected:
            raise BackupError(f"备份中的 {name} 与清单不符")
    return manifest


def compare(manifest: dict, restored: BaseDatabaseWrapper) -> None:
    """Raises BackupError with the tables whose rows are not those of the manifest."""
    from workflow.orphans import stored_names

    found = {table: list(value) for table, value in dumps.fingerprints(restored).items()}
    expected = {table: list(value) for table, value in manifest["tables"].items()}
    if wrong := sorted(table for table in found | expected if found.get(table) != expected.get(table)):
        raise BackupError(f"恢复后的数据与清单不符：{'、'.join(wrong)}")
    if strange := stored_names(restored) - set(manifest["files"]):
        raise BackupError(f"有 {len(strange)} 个附件在登记中而不在备份中")


def check_kind(manifest: dict) -> None:
    if manifest["vendor"] != connection.vendor:
        raise BackupError(f"备份来自 {manifest['vendor']}，现在的数据库是 {connection.vendor}：请换用同一种数据库")
    known = dumps.known_migrations()
    if newer := [name for name in manifest["migrations"] if name not in known]:
        raise BackupError(f"备份来自更新的版本（{newer[-1]}）：请先更新程序，再恢复")


def check_audit(manifest: dict, restored: BaseDatabaseWrapper) -> str:
    """What is to be said of the audit log in the copy. Raises BackupError with what is wrong."""
    from accounts.audit.anchors import Anchor
    from accounts.audit.verification import verify

    if set(dumps.known_migrations("accounts")) - set(manifest["migrations"]):
        return "审计日志未校验：备份来自较早的版本。"
    head = manifest["audit"] and Anchor(**manifest["audit"])
    with dumps.among_databases(restored, "restored"):
        report = verify(using="restored", until=head)
    if report.findings:
        raise BackupError("\n".join([f"审计日志{report.sentence}", *report.findings]).rstrip("。"))
    return f"审计日志{report.sentence}"


def verify(file: Path) -> tuple[dict, str]:
    """Restored into a database of its own, which is dropped afterwards: the manifest, and what the audit log is like.

    Raises BackupError, DumpError.
    """
    with workplace() as place:
        manifest = unpack(file, place)
        check_kind(manifest)
        with dumps.scratch(connection, "verify", place) as other:
            dumps.load(other, place / "database")
            compare(manifest, other)
            audit_words = check_audit(manifest, other)
    return manifest, audit_words


def put_files(folder: Path, names: Iterable[str]) -> None:
    """In the place of the uploads, which stand aside on a disk; in a store they stay, and `sweep` finds them."""
    try:
        uploads = Path(default_storage.path(""))
    except NotImplementedError:
        for name in names:
            with (folder / name).open("rb") as content:
                default_storage.delete(name)
                default_storage.save(name, File(content))
        return
    if uploads.exists():
        uploads.rename(uploads.with_name(f"{uploads.name}-{timezone.localtime():%Y%m%d-%H%M%S}"))
    folder.mkdir(exist_ok=True)
    for place in (folder, *(one for one in folder.rglob("*") if one.is_dir())):
        place.chmod(0o700)  # as the storage makes them
    folder.rename(uploads)


def restore(file: Path, database: BaseDatabaseWrapper, *, replace: bool = False) -> dict:
    """The manifest of what now is in the database and the uploads; what was there is gone, its files stand aside.

    Raises BackupError, DumpError.
    """
    with workplace() as place:
        manifest = unpack(file, place)
        check_kind(manifest)
        with database.cursor() as cursor:
            occupied = bool(database.introspection.table_names(cursor))
        if occupied and not replace:
            raise BackupError("库中已有数据：确认用备份替换它，请加 --replace，并先停止服务")
        dumps.load(database, place / "database")
        compare(manifest, database)
        put_files(place / "files", manifest["files"])
    return manifest


def main(words: list[str]) -> str:
    parser = argparse.ArgumentParser(prog="./run")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("backup").add_argument("folder", nargs="?", type=Path, default=settings.VAR_DIR / "backups")
    commands.add_parser("verify-backup").add_argument("file", type=Path)
    restoring = commands.add_parser("restore")
    restoring.add_argument("file", type=Path)
    restoring.add_argument("--replace", action="store_true")
    options = parser.parse_args(words)
    if options.command == "backup":
        return f"已备份：{backup(options.folder)}"
    if options.command == "restore":
        manifest, audit_words = restore(options.file, connection, replace=options.replace), ""
    else:
        manifest, audit_words = verify(options.file)
    rows = sum(count for count, _ in manifest["tables"].values())
    found = f"{manifest['made_at']} 的备份，{len(manifest['tables'])} 张表 {rows} 行，附件 {len(manifest['files'])} 个"
    return f"已恢复：{found}。" if options.command == "restore" else f"备份完好：{found}。{audit_words}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with exit_in_words():
        django.setup()
        print(main(sys.argv[1:]))
