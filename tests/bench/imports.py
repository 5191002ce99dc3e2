"""How long it takes to preview and to carry out an import of 2,000 projects.

Times are no business of the suite; run it by itself on a quiet machine, on either database:

    pytest -s tests/bench/imports.py
    ROWS=500 DATABASE_URL=postgres://… pytest -s tests/bench/imports.py
"""

import os
from time import perf_counter

import pytest

from reform.models import Project
from tests.reform.import_pages import book, confirm, upload

ROWS = int(os.environ.get("ROWS", "2000"))


@pytest.mark.django_db(transaction=True)
def test_how_long_an_import_takes(client, cast):
    client.force_login(cast.office)
    names = [f"GG{number:05d}" for number in range(ROWS)]
    measure(client, "all new", [{"项目编号": name} for name in names])
    assert Project.objects.filter(number__in=names).count() == ROWS
    changed = [{"项目编号": name, "领衔市领导": "李市长", "配合单位": "市教委"} for name in names]
    measure(client, "all changed", changed)
    measure(client, "nothing changed", changed)


def measure(client, what, rows):
    content = book(*rows)
    start = perf_counter()
    shown = upload(client, content)
    previewed = perf_counter()
    confirm(client, shown)
    times = f"preview {previewed - start:.1f} s, import {perf_counter() - previewed:.1f} s"
    print(f"\n{ROWS} rows, {what}: {times}")  # noqa: T201
