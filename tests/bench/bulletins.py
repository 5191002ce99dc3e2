"""How long a bulletin of the demo city takes, from confirmed data to the Word document: 5 s for 100 projects at most.

Times are no business of the suite; run it by itself on a quiet machine:

    pytest -s tests/bench/bulletins.py                      # 100 projects
    PROJECTS=2000 DATABASE_URL=postgres://… pytest -s tests/bench/bulletins.py
"""

import os
import sys
from time import perf_counter

from django.core.management import call_command

from accounts.models import User
from reform.bulletins import desk, documents
from reform.calendar import Period, today
from reform.models import Series

PROJECTS = int(os.environ.get("PROJECTS", "100"))


def test_a_bulletin(db):
    call_command("demo_city", projects=PROJECTS)
    office = User.objects.get(phone="13900000003")
    started = perf_counter()
    bulletin = desk.make(office, Series.PROGRESS, Period.until(today()), dated=today(), addressed_to="各责任单位")
    drafted = perf_counter()
    content = documents.bulletin_document(bulletin, "https://reform.example.cn")
    made = perf_counter()
    report = f"draft {drafted - started:.1f} s, Word {made - drafted:.1f} s, {len(content):,} bytes"
    sys.stdout.write(f"\n{PROJECTS} projects: {report}\n")
    assert made - started < 5
