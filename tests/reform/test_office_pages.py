"""The office's own pages: base info and the lists kept beside it, what was changed in them, and stale saves."""

import re
from collections import Counter

import pytest
from django.contrib.admin.models import LogEntry
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Department, User
from reform.admin import projects as projects_admin
from reform.models import CalendarYear, Domain, Project, TaskForce
from reform.views.office import base_info
from tests.factories import DepartmentFactory, ProjectFactory, UserFactory
from tests.reform.test_admin import facts
from workflow.models import ReasonCategory

pytestmark = pytest.mark.sql

LIST, DOMAINS = "/office/projects/", "/office/domains/"


def page_of(project):
    return f"{LIST}{project.pk}/"


def test_a_change_is_in_the_history_field_by_field(client, office):
    before = office.project.lead_leader
    answer = client.post(page_of(office.project), facts(office.project, lead_leader="李市长"), follow=True)
    words = f"领衔市领导：{before} → 李市长"
    assert LogEntry.objects.get().get_change_message() == words
    assert [entry.get_change_message() for entry in answer.context["log"]] == [words]
    assert words in answer.content.decode()


def test_the_page_names_who_looks_after_the_project(client, office):
    page = client.get(page_of(office.project))
    assert page.context["people"] == [
        ("录入人员", ["录入甲", "录入乙"]),
        ("审核人员", ["审核甲", "审核乙"]),
        ("改革办审核人员", ["改革办甲", "改革办乙"]),
    ]


def test_every_select_asks_to_choose_in_the_same_words(client, office):
    """Also 牵引来源, whose choices are no rows of a table."""
    page = client.get(page_of(office.project)).content.decode()
    nothing_chosen = re.findall(r'<option value=""[^>]*>([^<]*)</option>', page)
    assert len(nothing_chosen) >= 3
    assert set(nothing_chosen) == {"请选择"}


def test_an_unchanged_form_writes_nothing(client, office):
    client.post(page_of(office.project), facts(office.project))
    assert not LogEntry.objects.exists()


def test_a_stale_save_is_refused_with_both_texts_kept_and_the_next_one_is_not(client, office):
    known = client.get(page_of(office.project)).context["form"]["known"].value()
    client.post(page_of(office.project), facts(office.project, lead_leader="李市长"))
    answer = client.post(page_of(office.project), facts(office.project, lead_leader="张市长", known=known))
    assert answer.status_code == 409
    form = answer.context["form"]
    assert [(found.label, found.typed, found.saved) for found in form.conflicts] == [("领衔市领导", "张市长", "李市长")]
    assert "改革办甲已在" in answer.content.decode()
    assert Project.objects.get(pk=office.project.pk).lead_leader == "李市长"
    again = facts(office.project, lead_leader="张市长", known=form["known"].value())
    assert client.post(page_of(office.project), again).status_code == 302
    assert Project.objects.get(pk=office.project.pk).lead_leader == "张市长"


def test_all_problems_are_said_at_once_and_nothing_typed_is_lost(client, office):
    sent = facts(office.project, name="", end_year=2024, lead_leader="李市长")
    answer = client.post(page_of(office.project), sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "end_year"}
    assert 'value="李市长"' in answer.content.decode()


def test_a_lock_that_cannot_be_had_loses_nothing_typed(client, office, monkeypatch):
    def wait_in_vain(pk):
        raise OperationalError("database is locked")

    monkeypatch.setattr(base_info, "lock_dossier", wait_in_vain)
    answer = client.post(page_of(office.project), facts(office.project, lead_leader="李市长"))
    assert answer.status_code == 503
    assert "系统繁忙，请稍后再试。您填写的内容还在。" in answer.content.decode()
    assert 'value="李市长"' in answer.content.decode()
    assert Project.objects.get(pk=office.project.pk).lead_leader == "王市长"


def test_a_lock_that_cannot_be_had_answers_in_words_in_the_admin_too(client, office, monkeypatch):
    def wait_in_vain(pk):
        raise OperationalError("database is locked")

    monkeypatch.setattr(projects_admin, "lock_dossier", wait_in_vain)
    sent = facts(office.project, lead_leader="李市长")
    answer = client.post(f"/admin/reform/project/{office.project.pk}/change/", sent)
    assert answer.status_code == 503
    assert "系统繁忙，请稍后再试。" in answer.content.decode()
    assert 'value="李市长"' in answer.content.decode()


def test_a_move_is_warned_of_and_named(client, office):
    office.issued_map()
    sent = facts(office.project, department=office.education.pk)
    answer = client.post(page_of(office.project), sent, follow=True)
    said = " ".join(str(message) for message in answer.context["messages"])
    assert "责任单位已由市发展改革委改为市教委。该项目的 1 条填报记录随项目移交" in said
    assert "责任单位：市发展改革委 → 市教委" in LogEntry.objects.get().get_change_message()


def test_only_what_nothing_depends_on_is_deleted(client, office):
    office.issued_map()
    assert client.post(f"{page_of(office.project)}delete/").status_code == 404
    assert client.post(f"{DOMAINS}{office.project.domain_id}/delete/").status_code == 404
    unused, empty = Domain.objects.get(name="其他"), ProjectFactory()
    client.post(f"{DOMAINS}{unused.pk}/delete/")
    client.post(f"{page_of(empty)}delete/")
    assert not Domain.objects.filter(pk=unused.pk).exists()
    assert list(Project.objects.all()) == [office.project]


# --- Every list costs the same for one row and for three ---------------------------------------------------


def one_more(model):
    """A row more in the list of that model."""
    making = {
        Project: lambda: ProjectFactory(domain=Domain.objects.first(), department=Department.objects.first()),
        Department: DepartmentFactory,
        TaskForce: lambda: TaskForce.objects.create(name=f"小组{TaskForce.objects.count()}"),
        Domain: lambda: Domain.objects.create(name=f"领域{Domain.objects.count()}"),
        ReasonCategory: lambda: ReasonCategory.objects.create(name=f"原因{ReasonCategory.objects.count()}"),
        User: lambda: UserFactory(department=Department.objects.first()),
        CalendarYear: lambda: CalendarYear.objects.create(year=2013 + CalendarYear.objects.count()),
    }
    return making[model]()


LISTS = {
    Project: ("office", "/office/projects/", 11),
    Department: ("office", "/office/departments/", 4),
    Domain: ("office", "/office/domains/", 4),
    TaskForce: ("office", "/office/task-forces/", 4),
    ReasonCategory: ("office", "/office/reasons/", 4),
    CalendarYear: ("office", "/office/calendar/", 5),
    User: ("admin", "/office/people/", 5),
}


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("model", LISTS)
def test_each_list_costs_the_same_for_one_row_more_and_for_three(client, cast, model, django_assert_num_queries):
    who, address, queries = LISTS[model]
    client.force_login(getattr(cast, who))
    client.get("/session/")  # the first request notes when the session began
    for more in (1, 2):
        for _ in range(more):
            one_more(model)
        with django_assert_num_queries(queries):
            client.get(address)


@pytest.mark.usefixtures("without_navigation")
def test_the_page_of_a_department_reads_nobody_twice(client, office):
    """Its choices are everybody who may be entrusted with it."""
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/office/departments/{office.planning.pk}/")
    repeated = {sql: times for sql, times in Counter(query["sql"] for query in queries).items() if times > 1}
    assert repeated == {}
