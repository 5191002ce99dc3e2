"""The suite on PostgreSQL and on SQLite, and one plain line that counts both."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path
from statistics import mean

from scripts.install import PYTHON, ROOT
from scripts.postgres import throwaway

SLOW = 0.4  # seconds that a case of a test takes on average


def run(title, url, *words):
    """pytest's outcomes: lists of the names that passed, failed and were skipped; and the seconds of each."""
    print(f"\n—— {title} ——", flush=True)
    outcomes, seconds = {"passed": [], "failed": [], "skipped": []}, {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        code = subprocess.run(
            [PYTHON, "-m", "pytest", "-q", "-n", str(min(os.cpu_count() or 1, 4)), f"--junitxml={report}", *words],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": ""},  # else each worker compiles anew
            check=False,
        ).returncode
        cases = ET.parse(report).iter("testcase") if report.exists() else []  # noqa: S314 - our own report
        for case in cases:
            kinds = {child.tag for child in case}
            outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
            name = f"{case.get('classname')}.{case.get('name')}"
            outcomes[outcome].append(name)
            seconds[name] = float(case.get("time"))
    if code not in (0, 1, 5) and not outcomes["failed"]:  # 1: some failed, 5: none of those asked for is in this half
        outcomes["failed"].append(f"pytest on {title}: exit code {code}")
    return outcomes, seconds


def note_slow(seconds):
    """The tests of which a case takes long, for tests/conftest.py."""
    cases = defaultdict(list)
    for name, taken in seconds.items():
        cases[name.partition("[")[0]].append(taken)
    slow = sorted(name for name, taken in cases.items() if mean(taken) > SLOW)
    (ROOT / "tests" / "slow_tests.txt").write_text("".join(f"{name}\n" for name in slow))


def main(words):
    notes_slow = "--note-slow" in words
    words = [word for word in words if word != "--note-slow"]
    with throwaway() as (url, binaries):
        os.environ["PATH"] = f"{binaries}:{os.environ['PATH']}"  # pg_dump of the same version
        outcomes, seconds = run("PostgreSQL", url, *words)
    halves = [outcomes]
    if notes_slow:
        note_slow(seconds)
    # Races need row locks and deselect themselves here; a journey through the same pages is walked once. What builds
    # no SQL of its own, migrates nothing and locks nothing does the same on both: a full run has one case of each here.
    chosen = "not browser" if "--full" in words else "sql and not browser"
    halves.append(run("SQLite", "sqlite://:memory:", "-m", chosen, *words)[0])

    passed, failed, skipped = (
        [name for half in halves for name in half[key]] for key in ("passed", "failed", "skipped")
    )
    refused = bool(skipped) and "CI" in os.environ
    if refused:
        print("\nSkipped, which this run does not accept:", *skipped, sep="\n  ")
    count = f"{len(passed)} passed, {len(failed)} failed" + (f", {len(skipped)} skipped" if skipped else "")
    print(f"\n{count}")
    return 1 if failed or refused or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
