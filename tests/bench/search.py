"""How long a page of 检索 takes, by the length of the word and by who asks: on a database that is there already.

    createdb -T city large; DATABASE_URL=postgres://…/large ./run manage migrate
    DATABASE_URL=postgres://…/large … .venv/bin/python -m tests.bench.search 碳排 碳排放权 …

The words given are added to those below. It reads only. The people are those of the demo city.
"""

import os
import sys
from statistics import median
from time import perf_counter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.test import Client  # noqa: E402 - once there are models
from django.test.utils import setup_test_environment  # noqa: E402 - once there are models

from accounts.models import User  # noqa: E402 - once there are models
from workflow.models import Dossier  # noqa: E402 - once there are models

TIMES = 5
FREQUENT = ["改", "工作", "工作专", "工作专班"]
RARE = ["魑", "魑魅", "魑魅魍", "魑魅魍魉"]
OTHERS = ["2", "DRG", "改革 试点", "%"]


def people():
    """Of the office, a clerk who sees as many projects as most, and the one who sees the most."""
    clerks = User.objects.filter(role="entry", is_active=True)
    by_projects = sorted(clerks, key=lambda clerk: Dossier.objects.visible_to(clerk).count())
    return {
        "office": User.objects.filter(role="office_reviewer", is_active=True).first(),
        "clerk": by_projects[len(by_projects) // 2],
        "partner": by_projects[-1],
    }


def say(words):
    print(words, flush=True)  # noqa: T201 - to whoever runs it


def milliseconds(client, query):
    start = perf_counter()
    answer = client.get("/search/", query)
    taken = (perf_counter() - start) * 1000
    assert answer.status_code == 200
    return taken, answer.context


def main(words):
    setup_test_environment(debug=False)
    for who, person in people().items():
        client = Client()
        client.force_login(person)
        empty = median(milliseconds(client, {})[0] for _ in range(TIMES))
        say(f"{who:8} {'(nothing)':12} {empty:6.0f} ms")
        for word in words:
            taken = [milliseconds(client, {"q": word}) for _ in range(TIMES)]
            kinds = {group.source.key: len(group.keys) for group in taken[0][1]["groups"] if group.keys}
            most = max(kinds, key=kinds.get, default="plan")
            paged = [milliseconds(client, {"q": word, "kind": most, "page": 9})[0] for _ in range(TIMES)]
            everything = median(time for time, _ in taken)
            say(f"{who:8} {word:12} {everything:6.0f} ms  one kind {median(paged):6.0f} ms  {kinds}")


if __name__ == "__main__":
    main(FREQUENT + RARE + OTHERS + sys.argv[1:])
