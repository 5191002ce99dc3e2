"""A ledger as a file against bare openpyxl (write-only), which writes the same values without a look of their own.

    ./run bench exports

The product's figure holds everything: reading the rows from the database, heights, number formats. openpyxl is given
the values. Processor milliseconds (Python and database); memory is what the process grew by at its most.
"""

import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.bench.table import say, table

SIZES = (20_000, 100_000)


def peak(*, reset: bool = False) -> float:
    """MiB that this process held at its most, since it was reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def main(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import config.wsgi  # noqa: F401 - sets up Django and the garbage collector as the server does
    from accounts.models import User
    from reform.forms.ledger import LedgerForm
    from reform.ledgers import LEDGERS, Extract
    from reform.ledgers.workbook import write
    from tests.bench.cost import milliseconds, one_process_only

    one_process_only()
    office = User.objects.filter(role="office_reviewer", is_active=True).order_by("pk").first()
    rows = []
    for ledger in (ledger for ledger in LEDGERS if ledger.name in ("projects", "indicators", "plans")):
        for size in SIZES:
            form = LedgerForm({}, ledger=ledger, user=office)
            extract = Extract(ledger, office, form)
            total = extract.rows.count()
            if size > SIZES[0] and total <= SIZES[0]:
                continue
            extract.rows = extract.rows[:size]
            values: list[list] = []

            def ours(extract=extract):
                with tempfile.TemporaryFile() as file:
                    list(write(extract, file))

            before, started = peak(reset=True), perf_counter()
            product = milliseconds(ours)
            clock, grown = perf_counter() - started, peak() - before
            for number, row in enumerate(extract.rows.iterator(2000), 1):
                row.ordinal = number
                values.append([column.of(row) for column in extract.columns])
            bare = milliseconds(lambda values=values: bare_openpyxl(values))
            seconds = [f"{product / 1000:.1f}", f"{bare / 1000:.1f}", f"{bare / product:.1f}×", f"{clock:.0f}"]
            rows.append([ledger.label, f"{len(values):,}", *seconds, f"+{grown:.0f}"])
    table("ledger|rows|product CPU s|bare openpyxl CPU s|faster|product clock s|memory MiB", rows)
    say("Wanted: ≥1.5×; 100,000 rows within 60 s; memory that does not grow with the rows.")


def bare_openpyxl(values: list[list]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in values:
        sheet.append(row)
    with tempfile.TemporaryFile() as file:
        book.save(file)


if __name__ == "__main__":
    main(sys.argv[1])
