"""Help in context: each page's part of 使用帮助, in its words; and 入门引导, once for each role."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from PIL import Image

from accounts.models import Role, User
from fixtures.management.commands import help_pictures
from reform.navigation import KINDS, navigation
from reform.views import help_topics
from reform.views.tours import TOURS
from scripts import chromium
from tests.factories import UserFactory
from workflow.states import State

WHO = {
    Role.ENTRY: "clerk",
    Role.DEPT_REVIEWER: "reviewer",
    Role.OFFICE_REVIEWER: "office",
    Role.SYSTEM_ADMIN: "admin",
    Role.AUDITOR: "auditor",
}


@pytest.fixture
def ask(client, cast):
    """ask("clerk", "/kinds/battlemap/"): the headings that the help shows that person beside that page."""

    def get(who, page, **query):
        client.force_login(getattr(cast, who))
        answer = client.get(reverse("reform:help_here"), {"page": page} | query)
        assert answer.status_code == 200
        return re.findall(r"<summary>(.*?)</summary>", answer.content.decode())

    return get


def test_every_topic_that_a_page_names_stands_in_the_help(db):
    tables = (help_topics.KINDS, help_topics.PAGES, help_topics.ROLES, help_topics.REVIEWING)
    named = " ".join(
        [topics for table in tables for topics in table.values()]
        + [help_topics.WRITING, help_topics.READING, help_topics.OTHERWISE]
    )
    assert set(named.split()) - set(help_topics.read()) == set()


def test_every_row_of_the_help_is_a_topic(client, cast):
    client.force_login(cast.clerk)
    page = client.get(reverse("reform:help")).content.decode()
    assert len(help_topics.read()) == page.count("<dt>")
    assert all(topic.text in page for topic in help_topics.read().values())


def test_it_says_when_an_account_is_locked_and_who_opens_it(db):
    said = help_topics.read()["account/登录锁定"].text
    for words in ("连续输错 5 次", "锁定 15 分钟", "一小时内最多输错 10 次", "请安全管理员解除锁定"):
        assert words in said


@pytest.mark.parametrize("model", [model for model, _, _ in KINDS], ids=lambda model: model._meta.model_name)
def test_each_kind_has_its_topics_on_its_page_and_while_writing(ask, cast, model):
    name = model._meta.model_name
    first = help_topics.KINDS[name].split("/")[1].split()[0]
    assert ask("clerk", reverse("reform:kind", args=[name]))[0] == first
    record = cast.make(model)
    writing = ask("clerk", reverse("editing:edit", args=[record.pk]))
    assert (writing[0], "涉密材料" in writing) == (first, True)


def test_a_record_has_the_topics_of_what_this_person_does_with_it(ask, cast):
    cast.issued_map()
    record = cast.bring(cast.make(KINDS[3][0]), State.SUBMITTED)
    page = reverse("workflow:record", args=[record.pk])
    assert ask("reviewer", page)[:3] == ["审核", "逐件审核", "常用意见"]
    assert ask("clerk", page)[0] == "经验复制推广、品牌显示度"


def test_strangers_are_not_told_what_kind_a_record_is(ask, cast):
    record = cast.make(KINDS[3][0])
    missing = reverse("workflow:record", args=[987_654_321])
    assert ask("stranger", reverse("workflow:record", args=[record.pk])) == ask("stranger", missing)


@pytest.mark.parametrize(
    "page", ["https://example.org/kinds/battlemap/", "//example.org", "/none/", "javascript:1", ""]
)
def test_whatever_page_is_asked_for_the_way_back_stays_here(client, cast, page):
    client.force_login(cast.clerk)
    answer = client.get(reverse("reform:help_here"), {"page": page})
    assert answer.status_code == 200
    assert answer.context["back"] in {"/", "/none/"}


def test_the_panel_is_the_part_without_the_frame_with_its_picture(client, cast):
    client.force_login(cast.clerk)
    answer = client.get(reverse("reform:help_here"), {"page": "/kinds/targetupdate/", "panel": "1"})
    panel = answer.content.decode()
    assert "<html" not in panel
    assert "help/targetupdate" in panel
    assert panel.count("<details") == 3
    assert panel.count(" open>") == 1


def test_every_picture_is_there_and_small():
    for name in help_topics.PICTURES:
        path = settings.BASE_DIR / "static" / "help" / f"{name}.webp"
        with Image.open(path) as picture:
            assert picture.size == (960, 600)
        assert path.stat().st_size < 120_000


def test_pictures_are_not_taken_without_a_browser_or_a_city(db, monkeypatch):
    monkeypatch.setattr(chromium, "find", lambda: "/usr/bin/true")
    with pytest.raises(CommandError, match=help_pictures.NO_CITY):
        call_command("help_pictures")
    monkeypatch.setattr(chromium, "find", lambda: None)
    with pytest.raises(CommandError, match="没有找到 Chromium"):
        call_command("help_pictures")


# --- 入门引导 ----------------------------------------------------------------------------------------


def somebody(cast, role):
    """Of the cast, in which nobody is 安全管理员."""
    return getattr(cast, WHO[role]) if role in WHO else UserFactory(role=role)


def home(client, **query):
    return client.get(reverse("home"), query)


@pytest.mark.parametrize("role", TOURS)
def test_a_person_is_shown_the_steps_of_the_role_once(client, cast, role):
    person = somebody(cast, role)
    User.objects.filter(pk=person.pk).update(tour_role="")
    client.force_login(person)
    page = home(client).content.decode()
    headings = [step.heading for step in TOURS[role]]
    assert 3 <= len(headings) <= 5
    assert re.findall(r"<li value=.*?<b>(.*?)</b>", page) == headings
    client.post(reverse("reform:tour_seen"))
    assert "data-tour" not in home(client).content.decode()
    assert "data-tour" in home(client, tour=1).content.decode()


@pytest.mark.parametrize("role", TOURS)
def test_steps_speak_of_entries_that_the_role_has(cast, rf, role):
    request = rf.get("/")
    request.user = User.objects.get(pk=somebody(cast, role).pk)
    labels = {item["label"] for section in navigation(request)["nav"] for item in section["items"]}
    assert {step.entry for step in TOURS[role] if step.entry} <= labels


def test_another_role_has_its_own_and_others_keep_theirs(client, cast):
    User.objects.filter(pk__in=[cast.clerk.pk, cast.clerk2.pk]).update(tour_role="")
    client.force_login(cast.clerk)
    client.post(reverse("reform:tour_seen"))
    assert User.objects.get(pk=cast.clerk.pk).tour_role == Role.ENTRY
    assert User.objects.get(pk=cast.clerk2.pk).tour_role == ""
    User.objects.filter(pk=cast.clerk.pk).update(role=Role.DEPT_REVIEWER)
    client.force_login(User.objects.get(pk=cast.clerk.pk))
    assert "待我审核" in home(client).context["tour"][0].heading


def test_the_steps_cost_no_query(client, cast, django_assert_num_queries):
    client.force_login(cast.auditor)
    home(client)
    with django_assert_num_queries(3):
        home(client)
    User.objects.filter(pk=cast.auditor.pk).update(tour_role="")
    with django_assert_num_queries(3):
        assert home(client).context["tour"]
