"""Twenty clerks whose drafts save themselves, all at once, on SQLite as `./run` serves it: how long each waits.

    ./run bench autosave

Every clerk writes in a draft of their own and saves it a second after the last answer.
"""

import os
import random
import subprocess
import sys
import tempfile

from tests.bench.table import say, table

WRITERS = 20


def add_people() -> dict[str, str]:
    """{phone: the address of a draft} of clerks, each with a draft that is nobody else's."""
    from django.contrib.auth.hashers import make_password
    from django.urls import reverse

    from accounts.models import User
    from accounts.roles import Role
    from workflow.models import Record
    from workflow.states import State

    drafts = Record.objects.filter(state__in=[State.DRAFT, State.RETURNED], dossier__closed_at=None)
    drafts = list(drafts.select_related("dossier__department").order_by("pk"))
    random.Random(1).shuffle(drafts)
    if len(drafts) < WRITERS:
        sys.exit(f"{len(drafts)} drafts are too few")
    password, people = make_password("Demo-2026!"), {}
    for number, record in enumerate(drafts[:WRITERS]):
        home = record.dossier.department
        facts = {"full_name": f"压测{number}", "department": home, "role": Role.ENTRY, "must_change_password": False}
        user = User.objects.create(phone=f"137{number:08d}", password=password, **facts)
        user.assign(home)
        people[user.phone] = reverse("editing:edit", args=[record.pk])
    return people


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        url = f"sqlite:///{folder}/db.sqlite3"
        os.environ["DATABASE_URL"] = url
        for words in (["migrate", "--verbosity", "0"], ["demo_city"], ["check_due", "--fix"]):
            subprocess.run([sys.executable, "manage.py", *words], check=True)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        from tests.bench.load import play

        people = add_people()
        row = play(url, people, each_second=WRITERS, script="autosave_locustfile", kinds=("autosave",))
    heads = "load|requests|errors|autosave p50 s|p95|longest|worker CPU ms a request|the writers'|worker MiB"
    table(heads, [["20 writers", *row]])
    say("Wanted: p95 ≤1 s, no «database is locked».")


if __name__ == "__main__":
    main()
