"""Clerks whose drafts save themselves, for tests.bench.autosave: BENCH_PEOPLE is a JSON file of {phone: draft}."""

import json
import os
import random
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from locust import FastHttpUser, constant, task
from locust.exception import StopUser
from lxml.html import fromstring

from tests.bench.locustfile import PASSWORD, TOKEN, write  # noqa: F401 - `write` listens

PEOPLE = list(json.loads(Path(os.environ["BENCH_PEOPLE"]).read_text()).items())
turns = count()


class Writer(FastHttpUser):
    wait_time = constant(1)

    def on_start(self) -> None:
        phone, self.address = PEOPLE[next(turns)]
        page = self.client.get("/login/").text
        form = {"username": phone, "password": PASSWORD, "csrfmiddlewaretoken": TOKEN.search(page)[1]}
        while self.client.post("/login/", form, allow_redirects=False, name="sign in").status_code != 302:
            pass
        page = fromstring(self.client.get(self.address, name="edit page").text)
        forms = [form for form in page.forms if "version" in form.fields]
        if not forms:
            raise StopUser
        self.fields = [[name, value] for name, value in forms[0].form_values() if not name.startswith("__")]
        self.texts = [area.name for area in forms[0].iter("textarea") if area.name]

    @task
    def save(self) -> None:
        text = f"本周召开推进会 {random.randrange(1000)} 次，完成方案起草并征求意见。"
        fields = [[name, text if name == self.texts[0] else value] for name, value in self.fields]
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        data = urlencode([*map(tuple, fields), ("autosave", "1")])
        with self.client.post(self.address, data, headers=headers, name="autosave", catch_response=True) as answer:
            found = answer.json() if answer.text.startswith("{") else {}
            if answer.status_code != 200 or "version" not in found:
                answer.failure(f"{answer.status_code} {answer.text[:200]}")
                return
        self.fields = [
            [name, str(found["version"]) if name == "version" else found["ids"].get(name, value)]
            for name, value in self.fields
        ]
