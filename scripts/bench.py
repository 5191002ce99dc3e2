"""The benchmarks: `./run bench [--database URL] [--small URL] [part …]`; all parts, unless some are named.

Without addresses both cities are founded in a throwaway PostgreSQL first, which takes an hour and 8 GB in /tmp. Those
of a large city (2,000 projects, 5 years) and of the demo city may be named instead. The load adds accounts to the
former, so give copies of databases that matter. Figures are tables in Markdown.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import ExitStack

from scripts.install import PYTHON, ROOT
from scripts.postgres import throwaway

PARTS = ("pages", "lists", "exports", "load", "autosave", "growth")
LARGE = ("--projects", "2000", "--years", "5")


def manage(url, *words):
    subprocess.run([PYTHON, "manage.py", *words], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True)


def found_city(server, name, *size):
    """The address of a new city in that server."""
    url = f"{server.rpartition('/')[0]}/{name}"
    sql = "import sys, psycopg; psycopg.connect(sys.argv[1], autocommit=True).execute(f'CREATE DATABASE {sys.argv[2]}')"
    subprocess.run([PYTHON, "-c", sql, server, name], check=True)
    manage(url, "migrate", "--verbosity", "0")
    manage(url, "demo_city", *size)
    manage(url, "check_due", "--fix")
    subprocess.run([PYTHON, "-m", "tests.bench.logs", url], cwd=ROOT, check=True)
    subprocess.run(
        [
            PYTHON,
            "-c",
            "import sys, psycopg; psycopg.connect(sys.argv[1], autocommit=True).execute('VACUUM ANALYZE')",
            url,
        ],
        check=True,
    )
    return url


def run(part, small, large):
    print(f"\n## {part}\n", flush=True)
    words = {
        "pages": ["pages", small, large, "pages"],
        "lists": ["pages", small, large, "lists"],
        "exports": ["exports", large],
        "load": ["load", large],
        "autosave": ["autosave"],
        "growth": ["growth", large],
    }[part]
    return subprocess.run([PYTHON, "-m", f"tests.bench.{words[0]}", *words[1:]], cwd=ROOT, check=False).returncode


def main():
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=" ".join(PARTS))
    parser.add_argument("--database", help="the large city")
    parser.add_argument("--small", help="the demo city")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"{', '.join(sorted(unknown))}: there is {', '.join(PARTS)}")
    parts = options.parts or list(PARTS)
    with ExitStack() as stack:
        os.environ |= {
            "VAR_DIR": stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "HTTPS": "off",
            "ALLOWED_HOSTS": "127.0.0.1",
            "PYTHONWARNINGS": "ignore",
        }
        manage("sqlite://:memory:", "collectstatic", "--no-input", "--verbosity", "0")
        small, large = options.small, options.database
        needs_small = not small and {"pages", "lists"} & set(parts)
        needs_large = not large and set(parts) - {"autosave"}
        if needs_small or needs_large:
            server, _ = stack.enter_context(throwaway())
            small = found_city(server, "small") if needs_small else small
            large = found_city(server, "large", *LARGE) if needs_large else large
        return max(run(part, small, large) for part in parts)


if __name__ == "__main__":
    sys.exit(main())
