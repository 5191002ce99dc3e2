"""No key, token or password of anybody is in the repository, nor was it ever."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECRETS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    rb"|\bAKIA[0-9A-Z]{16}\b"
    rb"|\bgh[pousr]_[A-Za-z0-9]{36}"
    rb"|\bgithub_pat_\w{40}"
    rb"|\bglpat-[\w-]{20}"
    rb"|\bxox[abprs]-[\w-]{10}"
    rb"|\bsk-[A-Za-z0-9_-]{32}"
    rb"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."  # a signed token
    rb"|\bAGE-SECRET-KEY-1[0-9A-Z]{58}"
    rb"|\bdjango-insecure-[^\s\"'{}]{30}"
    rb"|(?:SECRET_KEY|AUDIT_KEY|PHONE_KEY|PASSPHRASE|_PASSWORD)[\"']?\s*[=:]\s*[\"']?[A-Za-z0-9_+/-]{40}"
    # A password in an address: those of examples are words.
    rb"|://[\w.-]+:(?!secret@|password@|\$|\{|\xe2\x80\xa6)[^\s:/@\"'<>{}$]{3,}@"
)


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)


def has_git():
    return git("rev-parse", "--git-dir").returncode == 0


def tracked():
    """The files of the repository; where it was unpacked without git, whatever is there but what was installed."""
    if has_git():
        return [ROOT / name for name in git("ls-files", "-z").stdout.decode().split("\0") if name]
    folders = {".venv", "node_modules", "var", "__pycache__"}
    return [path for path in ROOT.rglob("*") if not folders & set(path.relative_to(ROOT).parts)]


def found_in(content):
    return {found[0] for found in SECRETS.finditer(content)}


def test_what_is_looked_for_would_be_found():
    for secret in (
        b"-----BEGIN " + b"RSA PRIVATE KEY-----",
        b"AKIA" + b"ABCDEFGHIJKLMNOP",
        b"ghp_" + b"a" * 36,
        b"SECRET_KEY=" + b"aB3_" * 13,
        b"postgres://reform:" + b"Hunter2!@db.example/reform",
    ):
        assert found_in(b"x = '" + secret + b"'")
    assert not found_in(b"DATABASE_URL=postgres://reform:secret@127.0.0.1/reform")


def test_no_file_holds_one():
    files = [path for path in tracked() if path.is_file()]
    assert len(files) > 500
    held = {str(path.relative_to(ROOT)): found for path in files if (found := found_in(path.read_bytes()))}
    assert held == {}


def test_no_former_version_held_one():
    if not has_git():
        return  # unpacked without a history, in which nothing can be
    history = git("log", "--patch", "--text", "--no-color", "HEAD").stdout
    assert history
    added = b"\n".join(line for line in history.splitlines() if line.startswith(b"+"))
    assert found_in(added) == set()
