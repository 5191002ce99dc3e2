"""People at a month's end, for tests.bench.load: each signs in, then opens pages that people of the role open.

From the environment: BENCH_PEOPLE, a JSON file of {phone: role}; BENCH_MODE, "work" (all sign in as they come) or
"sign-in" (some, who have signed in before, browse, and all others sign in once); BENCH_RESULT, where the figures go.
"""

import json
import os
import random
import re
from itertools import count
from pathlib import Path

from gevent import sleep
from locust import FastHttpUser, between, events, task
from locust.exception import StopUser

PEOPLE = list(json.loads(Path(os.environ["BENCH_PEOPLE"]).read_text()).items())
BROWSING = int(os.environ.get("BENCH_BROWSING", "0"))  # so many of them browse and sign in before the rest
PASSWORD = "Demo-2026!"
PAGES = {
    "entry": ["/"] * 3
    + ["/month/", "/kinds/targetupdate/", "/kinds/planupdate/", "/submitted/", "/ledgers/plans/", "/messages/"],
    "dept_reviewer": ["/"] * 2 + ["/inbox/"] * 3 + ["/reviewed/", "/ledgers/indicators/", "/messages/"],
    "office_reviewer": ["/"] * 2 + ["/inbox/"] * 2 + ["/month-end/"] * 2 + ["/cockpit/", "/ledgers/projects/"],
}
LINK = re.compile(r'href="(/(?:records/\d+/|records/\d+/edit/|projects/\d+/|maps/\d+/))"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
turns = count()


class Person(FastHttpUser):
    wait_time = between(8, 12)

    def on_start(self) -> None:
        self.number = next(turns)
        self.phone, self.role = PEOPLE[self.number % len(PEOPLE)]
        self.links: list[str] = []
        self.sign_in()
        if BROWSING and self.number >= BROWSING:
            sleep(3600)  # in the place of one that stops Locust would start another, who signs in again

    def sign_in(self) -> None:
        """Who is told that too many sign in types the password again after a while."""
        page = self.client.get("/login/", name="login page").text
        form = {"username": self.phone, "password": PASSWORD}
        while True:
            form["csrfmiddlewaretoken"] = TOKEN.search(page)[1]
            with self.client.post(
                "/login/", form, name="sign in", allow_redirects=False, catch_response=True
            ) as answer:
                if answer.status_code == 302:
                    break
                if answer.status_code != 503 or "系统繁忙" not in answer.text:
                    answer.failure(f"{answer.status_code}")
                    raise StopUser
                answer.request_meta["name"] = "asked to sign in again"
                answer.success()
                page = answer.text
            sleep(random.uniform(3, 8))
        self.client.get("/", name="pages")

    @task(2)
    def page(self) -> None:
        page = self.client.get(random.choice(PAGES[self.role]), name="pages")
        self.links = LINK.findall(page.text) or self.links

    @task(1)
    def link(self) -> None:
        if self.links:
            self.client.get(random.choice(self.links), name="pages")


@events.quitting.add_listener
def write(environment, **more) -> None:
    found = {}
    for (name, _), entry in environment.stats.entries.items():
        found[name] = {
            "requests": entry.num_requests,
            "failures": entry.num_failures,
            "p50": entry.get_response_time_percentile(0.5),
            "p95": entry.get_response_time_percentile(0.95),
            "longest": entry.max_response_time,
        }
    found["errors"] = [
        f"{error.occurrences} × {error.name}: {error.error}" for error in environment.stats.errors.values()
    ]
    Path(os.environ["BENCH_RESULT"]).write_text(json.dumps(found))
