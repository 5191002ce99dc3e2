"""What every page of every role costs against an empty page of the same stack, in a city and in one of 100 times its
years of work; and lists against Django's own changelist of the same rows.

Milliseconds of the processor, here and in the database; medians of samples taken in turn. `./run bench pages lists`.
"""

import json
import os
import subprocess
import sys
from statistics import median

from tests.bench.lists import PAIRS
from tests.bench.table import say, table

EMPTY = "/bench/empty/"
SAMPLES = int(os.environ.get("SAMPLES", "5"))
MOST = 300  # ms at 100×
OF_EMPTY, OF_SMALL, OF_CHANGELIST = 2, 1.2, 0.7


class City:
    """A process that measures pages of one database."""

    def __init__(self, url: str, *, walks: bool) -> None:
        words = [sys.executable, "-m", "tests.bench.subject", *(["--walk"] if walks else [])]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(words, env={**os.environ, "DATABASE_URL": url}, **pipes)
        self.pages = self._read()

    def cost(self, role: str, address: str) -> float:
        self.process.stdin.write(json.dumps([role, address]) + "\n")
        self.process.stdin.flush()
        return self._read()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("a process that measures has ended")
        return json.loads(line)


def samples(*works):
    """The median of each of these, taken in turn."""
    taken = [[] for _ in works]
    for _ in range(SAMPLES):
        for place, work in enumerate(works):
            if not taken[place] or taken[place][0] <= 10 * MOST:  # no need to wait for more of what takes that long
                taken[place].append(work())
    return [median(found) for found in taken]


def measure_pages(small: City, large: City, parts: list[str]) -> None:
    rows = []
    for role, pages in small.pages.items():
        for name, address in pages.items():
            if name not in large.pages[role] or (parts and not any(part in f"{role} {name}" for part in parts)):
                continue
            there = large.pages[role][name]
            empty, one, many, many_empty = samples(
                lambda role=role: small.cost(role, EMPTY),
                lambda role=role, address=address: small.cost(role, address),
                lambda role=role, there=there: large.cost(role, there),
                lambda role=role: large.cost(role, EMPTY),
            )
            misses = [
                word
                for word, is_missed in [
                    ("empty", one > OF_EMPTY * empty and name != EMPTY),
                    ("growth", many > OF_SMALL * one),
                    ("300 ms", many > MOST),
                ]
                if is_missed
            ]
            figures = [f"{empty:.0f}", f"{one:.0f}", f"{one / empty:.1f}", f"{many_empty:.0f}", f"{many:.0f}"]
            rows.append([role, name, *figures, f"{many / one:.1f}", " ".join(misses)])
    rows.sort(key=lambda row: -float(row[6]))
    table("role|page|empty 1×|page 1×|÷ empty|empty 100×|page 100×|100× ÷ 1×|misses", rows)
    kept = {
        f"≤{OF_EMPTY}× the empty page": sum(float(row[4]) <= OF_EMPTY for row in rows),
        f"≤{OF_SMALL}× from 1× to 100×": sum(float(row[7]) <= OF_SMALL for row in rows),
        f"≤{MOST} ms at 100×": sum(float(row[6]) <= MOST for row in rows),
    }
    table("wanted|pages that keep it|of", [[name, str(number), str(len(rows))] for name, number in kept.items()])


def measure_lists(small: City, large: City) -> None:
    rows = []
    for name, role, ours, model in PAIRS:
        for size, city in (("1×", small), ("100×", large)):
            own, bare, narrowed = samples(
                *(
                    lambda city=city, role=role, address=address: city.cost(role, address)
                    for address in (ours, f"/bench/{model}/", f"/bench/narrowed/{model}/")
                )
            )
            figures = [f"{own:.0f}", f"{bare:.0f}", f"{own / bare:.2f}", f"{narrowed:.0f}", f"{own / narrowed:.2f}"]
            rows.append([name, size, *figures])
    table("list|city|product|changelist|ratio|changelist with filters|ratio", rows)
    for column, words in ((4, "the changelist"), (6, "the changelist with filters")):
        good = sum(float(row[column]) <= OF_CHANGELIST for row in rows)
        say(f"{good} of {len(rows)} take ≤{OF_CHANGELIST} of the time of {words}.")


def main(small_url: str, large_url: str, parts: list[str]) -> None:
    only_lists = parts == ["lists"]
    small, large = City(small_url, walks=not only_lists), City(large_url, walks=not only_lists)
    say(f"Processor milliseconds (Python and database), medians of {SAMPLES} samples in turn.\n")
    if not only_lists:
        measure_pages(small, large, [part for part in parts if part not in ("pages", "lists")])
    if "lists" in parts:
        measure_lists(small, large)
    for city in (small, large):
        city.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
