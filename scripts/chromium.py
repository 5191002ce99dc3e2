"""The machine's own Chromium, for journeys of the tests and for the pictures of the help."""

import os
import shutil

NAMES = (
    "chromium-headless-shell",  # a third of the work of the whole browser
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)


def find() -> str | None:
    """The program that CHROMIUM names, or one of the usual names."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def arguments() -> list[str]:
    quiet = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    sandbox = ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
    return quiet + sandbox
