"""A ledger as a file against openpyxl (write-only), which writes the same cells: bare values, and with their looks.

    ./run bench exports

The product's figure holds everything: reading the rows from the database, heights, number formats. openpyxl is given
the values, so that it is compared with what is not reading. Processor time (Python and database); memory is what the
process grew by at its most.
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

            def read(extract=extract, values=values):
                rows_read = extract.numbered(extract.rows.iterator(2000))
                values.extend([column.of(row) for column in extract.columns] for row in rows_read)

            reading = milliseconds(read)
            bare, same = (
                milliseconds(lambda values=values, looks=looks: openpyxl_book(values, looks=looks))
                for looks in (False, True)
            )
            writing = product - reading
            spent = [f"{found / 1000:.1f}" for found in (product, reading, bare, same)]
            faster = [f"{bare / writing:.1f}×", f"{same / writing:.1f}×"]
            rows.append([ledger.label, f"{len(values):,}", *spent, *faster, f"{clock:.0f}", f"+{grown:.0f}"])
    heads = "ledger|rows|product CPU s|of it reading|bare openpyxl|openpyxl with looks|writing to bare|to looks"
    table(f"{heads}|product clock s|memory MiB", rows)
    say("Wanted: ≥1.5×; 100,000 rows within 60 s; memory that does not grow with the rows.")


def openpyxl_book(values: list[list], *, looks: bool) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, Side

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    side = Side(style="thin")
    border = Border(left=side, right=side, top=side, bottom=side)
    font, alignment = Font(name="宋体", size=10), Alignment(vertical="center", wrap_text=True)

    def cell(value):
        made = WriteOnlyCell(sheet, value)
        made.border, made.font, made.alignment = border, font, alignment
        made.number_format = "@" if isinstance(value, str) else "0"
        return made

    for row in values:
        sheet.append([cell(value) for value in row] if looks else row)
    with tempfile.TemporaryFile() as file:
        book.save(file)


if __name__ == "__main__":
    main(sys.argv[1])
