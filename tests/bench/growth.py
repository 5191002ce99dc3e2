"""What a city takes on the disk, table by table, and what twenty years of it would.

./run bench growth
"""

import os
import sys

from tests.bench.table import say, table

SIZES = """
    SELECT relname, pg_relation_size(c.oid), coalesce(pg_total_relation_size(nullif(reltoastrelid, 0)), 0),
           pg_indexes_size(c.oid), greatest(reltuples, 0)::bigint
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'r' AND nspname = 'public'
    ORDER BY pg_total_relation_size(c.oid) DESC
"""
YEARS = "SELECT extract(epoch FROM max(at) - min(at)) / 86400 / 365.25 FROM workflow_event"
SHOWN = 15


def main(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        found = cursor.fetchall()
        cursor.execute(YEARS)
        years = float(cursor.fetchone()[0])
    rows = [
        [name, f"{number:,}", *(f"{size / 2**20:,.0f}" for size in (heap, toast, indexes, heap + toast + indexes))]
        for name, heap, toast, indexes, number in found[:SHOWN]
    ]
    total = sum(heap + toast + indexes for _, heap, toast, indexes, _ in found)
    rows.append(["all", "", "", "", "", f"{total / 2**20:,.0f}"])
    table("table|rows|rows MiB|long texts MiB|indexes MiB|all MiB", rows)
    each = total / years / 2**30
    say(f"{years:.1f} years: {total / 2**30:.1f} GiB, {each:.2f} GiB a year, {20 * each:.0f} GiB in twenty years.")


if __name__ == "__main__":
    main(sys.argv[1])
