"""The office keeps base info; the auditor reads along; nobody moves a record or rewrites its past here."""

import re

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from accounts.models import Role
from reform.models import BattleMap, Domain, Project, Stage
from tests import factories
from tests.factories import DepartmentFactory, ProjectFactory, UserFactory
from workflow.models import Event, ReasonCategory, Record
from workflow.states import State

PROJECTS, DOMAINS = "/admin/reform/project/", "/admin/reform/domain/"
REASONS, EVENTS = "/admin/workflow/reasoncategory/", "/admin/workflow/event/"


def facts(project, **changed):
    """What the change page of a project sends; a value of None is left out."""
    sent = {
        "number": project.number,
        "name": project.name,
        "start_year": project.start_year,
        "end_year": project.end_year,
        "domain": project.domain_id,
        "lead_leader": project.lead_leader,
        "department": project.department_id,
        "partners": [partner.pk for partner in project.partners.all()],
        "plan_title": project.plan_title,
        "plan_number": project.plan_number,
        "adopted_on": project.adopted_on,
        "stage": project.stage,
        "recognised_on": project.recognised_on,
        **changed,
    }
    return {name: value for name, value in sent.items() if value is not None}


def save(client, project, **changed):
    return client.post(f"{PROJECTS}{project.pk}/change/", facts(project, **changed))


def complaints(answer):
    """{field: its sentences} of the form that came back."""
    return {name: " ".join(texts) for name, texts in answer.context["adminform"].form.errors.items()}


# --- Who gets in ------------------------------------------------------------------------------------

OFFICES_OWN = {
    PROJECTS,
    f"{PROJECTS}add/",
    DOMAINS,
    f"{DOMAINS}add/",
    REASONS,
    f"{REASONS}add/",
}
MAY = {"office": OFFICES_OWN, "office2": OFFICES_OWN, "office_elsewhere": OFFICES_OWN, "auditor": {EVENTS}}


def test_each_person_finds_their_own_pages_and_the_others_do_not_exist(client, cast):
    for name, person in cast.people.items():
        client.force_login(person)
        pages = [*OFFICES_OWN, EVENTS, f"{EVENTS}add/"]
        found = {page for page in pages if client.get(page).status_code == 200}
        assert found == MAY.get(name, set()), name


def test_what_is_not_yours_cannot_be_posted_either(client, cast):
    event = cast.issued_map().events.first()
    before = Event.objects.count()
    for person in cast.people.values():
        client.force_login(person)
        for page in (f"{EVENTS}{event.pk}/change/", f"{EVENTS}{event.pk}/delete/", f"{EVENTS}add/"):
            assert client.post(page, {"post": "yes", "detail": "改"}).status_code in {403, 404}
        client.post(EVENTS, {"action": "delete_selected", "_selected_action": event.pk, "post": "yes"})
        if person.role != Role.OFFICE_REVIEWER:
            assert save(client, cast.project, name="改名").status_code == 404
            assert client.post(f"{PROJECTS}{cast.project.pk}/delete/", {"post": "yes"}).status_code == 404
    assert Event.objects.count() == before
    cast.project.refresh_from_db()
    assert cast.project.name == "数字经济改革"


def test_records_have_no_page_here(client, office):
    drawn = office.issued_map()
    for label in ("workflow/record", "reform/battlemap", "reform/measure", "workflow/attachment", "reform/planupdate"):
        assert client.get(f"/admin/{label}/{drawn.pk}/change/").status_code == 404


# --- The list ---------------------------------------------------------------------------------------


def test_the_list_shows_filters_and_finds_at_the_same_number_of_queries(client, office):
    def page():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(PROJECTS)
        return answer.content.decode(), len(queries)

    page()
    _, one = page()
    office.issued_map()
    for _ in range(3):
        ProjectFactory(department=DepartmentFactory())
    text, four = page()
    assert one == four
    assert "2026年度 已下发" in text
    found = client.get(PROJECTS, {"q": "数字经济"}).context["cl"].queryset
    assert [project.name for project in found] == ["数字经济改革"]
    filtered = client.get(PROJECTS, {"department__id__exact": office.planning.pk}).context["cl"].queryset
    assert filtered.count() == 1


def test_pages_are_in_chinese_and_without_inline_code(client, office):
    for page in (PROJECTS, f"{PROJECTS}{office.project.pk}/change/", DOMAINS, REASONS):
        text = client.get(page).content.decode()
        for english in ("Choose", "Remove", "Select ", "Import", "Project", "battle map", "style=", "onclick"):
            assert english not in text, (page, english)


WRONG_WORDS = re.compile("增加|无可选|过滤|动作|来修改|应用程序|日志记录|内容类型|你确|Known|>\\s*以 |[排序名称]:")


def test_every_page_speaks_the_products_chinese(client, cast):
    """Django's own is translated word by word: 增加 工作日历, 以 上班, 无可选的."""
    pages = {
        "office": ["reform/project", "reform/domain", "reform/calendarday", "workflow/reasoncategory"],
        "admin": ["accounts/department", "accounts/user"],
        "auditor": ["admin/logentry", "workflow/event", "reform/ledgerexport", "axes/accesslog"],
    }
    cast.issued_map()
    for who, models in pages.items():
        client.force_login(getattr(cast, who))
        addresses = ["", *(f"{model.split('/')[0]}/" for model in models), *(f"{model}/" for model in models)]
        for model in models:
            row = apps.get_model(model.replace("/", ".")).objects.first()
            addresses += [f"{model}/add/"] if who != "auditor" else []
            addresses += [f"{model}/{row.pk}/{page}/" for page in ("change", "history", "delete")] if row else []
        for address in addresses:
            answer = client.get(f"/admin/{address}")
            if answer.status_code == 404:  # nobody may add, or delete, such a thing
                continue
            found = WRONG_WORDS.findall(strip_tags(answer.content.decode().partition('id="main"')[2]))
            assert not found, (who, address, found)
            assert 'class="nav-link"' in answer.content.decode(), address


def test_a_filter_says_by_what(client, office):
    page = client.get("/admin/reform/calendarday/").content.decode()
    assert "按安排" in page
    assert "新增工作日历" in page
    assert "共 108 条" in page


# --- One project ------------------------------------------------------------------------------------


def test_the_office_enters_a_project_and_sees_who_looks_after_it(client, office):
    new = ProjectFactory.build(number="GG2026099", name="新项目", department=office.planning)
    new.domain = Domain.objects.first()
    sent = facts(office.project, number=new.number, name=" 新\u200b项目 ", partners=[office.science.pk])
    assert client.post(f"{PROJECTS}add/", sent).status_code == 302
    made = Project.objects.get(number="GG2026099")
    assert made.name == "新项目"
    assert list(made.partners.all()) == [office.science]
    page = client.get(f"{PROJECTS}{made.pk}/change/").content.decode()
    for person in ("录入甲", "录入乙", "审核甲", "改革办甲"):
        assert person in page
    assert LogEntry.objects.get(object_id=made.pk).user == office.office


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"name": ""}, "name", "请填写项目名称。"),
        ({"number": "x" * 21}, "number", "20"),
        ({"end_year": 2024}, "end_year", "不能早于起始年度"),
        ({"start_year": 1999}, "start_year", "应在 2013 至 2099 之间"),
        ({"start_year": "二〇二六"}, "start_year", "整数"),
        ({"adopted_on": "2026-07-16"}, "adopted_on", "不能晚于今天"),
        ({"adopted_on": "2026-13-01"}, "adopted_on", "正确的日期"),
        ({"recognised_on": "2026-07-16"}, "recognised_on", "不能晚于今天"),
        ({"recognised_on": None}, "recognised_on", "须填写"),
        ({"stage": "analysis"}, "recognised_on", "请不要填写认定日期"),
        ({"stage": "no-such-stage"}, "stage", "no-such-stage"),
        ({"domain": 0}, "domain", ""),
        ({"department": 0}, "department", ""),
    ],
)
def test_what_is_wrong_is_said_next_to_its_field_and_nothing_is_saved(client, office, changed, field, sentence):
    answer = save(client, office.project, **changed)
    assert sentence in complaints(answer)[field]
    before = vars(office.project).copy()
    office.project.refresh_from_db()
    assert all(getattr(office.project, name) == value for name, value in before.items() if not name.startswith("_"))


def test_all_problems_are_said_at_once_and_each_once(client, office):
    answer = save(client, office.project, name="", end_year=2024, adopted_on="2030-01-01")
    assert set(complaints(answer)) == {"name", "end_year", "adopted_on"}


def test_a_number_is_used_once(client, office):
    other = ProjectFactory(number="GG9")
    assert complaints(save(client, office.project, number=other.number))["number"] == "这个项目编号已经使用，请核对。"


def test_a_partner_is_another_department(client, office):
    answer = save(client, office.project, partners=[office.planning.pk])
    assert complaints(answer)["partners"] == "市发展改革委是责任单位，不能同时是配合单位。"


def test_a_department_that_is_no_more_is_not_responsible(client, office):
    gone = DepartmentFactory(name="原市某局", is_active=False)
    assert "department" in complaints(save(client, office.project, department=gone.pk))
    office.planning.is_active = False
    office.planning.save()
    assert "已停用" in complaints(save(client, office.project))["department"]


def test_a_project_with_a_map_stays_where_it_can_be_drawn(client, office):
    factories.battle_map(office.project, office.clerk)
    answer = save(client, office.project, stage="generated", recognised_on=None)
    assert "不能从“加快实施”退回" in complaints(answer)["stage"]
    assert "不能晚于 2026" in complaints(save(client, office.project, start_year=2027))["start_year"]
    assert "不能早于 2026" in complaints(save(client, office.project, start_year=2025, end_year=2025))["end_year"]


def test_all_that_was_filed_follows_the_project_to_another_department(client, office):
    submitted = office.bring(factories.battle_map(office.project, office.clerk), State.SUBMITTED)
    answer = client.post(
        f"{PROJECTS}{office.project.pk}/change/", facts(office.project, department=office.education.pk), follow=True
    )
    said = " ".join(str(message) for message in answer.context["messages"])
    assert "责任单位已由市发展改革委改为市教委。该项目的 1 条填报记录随项目移交" in said
    assert not Record.objects.awaiting(office.reviewer).exists()
    assert Record.objects.awaiting(office.strange_reviewer).get().pk == submitted.pk
    assert not Record.objects.visible_to(office.clerk).exists()
    assert "市发展改革委 → 市教委" in LogEntry.objects.first().get_change_message()


def test_confirmed_content_survives_every_change_of_base_info(client, office):
    drawn = office.issued_map()
    before = drawn.snapshot()
    save(client, office.project, name="改了名字", lead_leader="李市长")
    drawn = BattleMap.objects.get(pk=drawn.pk)
    assert (drawn.snapshot(), drawn.state) == (before, State.ISSUED)


def test_a_forged_state_or_id_changes_nothing(client, office):
    drawn = office.issued_map()
    save(client, office.project, id=999, dossier_ptr=999, state="draft", records=[drawn.pk], battle_maps="")
    drawn = BattleMap.objects.get(pk=drawn.pk)
    assert (drawn.project, drawn.state) == (office.project, State.ISSUED)


def test_only_a_project_without_records_is_deleted(client, office):
    factories.battle_map(office.project, office.clerk)
    assert client.post(f"{PROJECTS}{office.project.pk}/delete/", {"post": "yes"}).status_code == 404
    empty = ProjectFactory(stage=Stage.ANALYSIS, recognised_on=None)
    client.post(f"{PROJECTS}{empty.pk}/delete/", {"post": "yes"})
    assert list(Project.objects.all()) == [office.project]


def test_domains_in_use_stay_and_reasons_are_switched_off(client, office):
    used, unused = office.project.domain, Domain.objects.get(name="其他")
    assert client.post(f"{DOMAINS}{used.pk}/delete/", {"post": "yes"}).status_code == 404
    client.post(f"{DOMAINS}{unused.pk}/delete/", {"post": "yes"})
    assert used in Domain.objects.all()
    assert unused not in Domain.objects.all()
    reason = ReasonCategory.objects.first()
    assert client.post(f"{REASONS}{reason.pk}/delete/", {"post": "yes"}).status_code == 404
    client.post(f"{REASONS}{reason.pk}/change/", {"name": "内容有缺漏", "position": 1})
    reason.refresh_from_db()
    assert (reason.name, reason.is_active) == ("内容有缺漏", False)


# --- The auditor ------------------------------------------------------------------------------------


def test_the_auditor_reads_every_step_in_words(client, cast):
    drawn = cast.bring(factories.battle_map(cast.project, cast.clerk), State.REJECTED)
    client.force_login(cast.auditor)
    page = client.get(EVENTS).content.decode()
    for word in ("驳回", "上报", "审核甲", "录入甲", "数字经济改革", "2026年度项目作战图"):
        assert word in page
    event = drawn.events.first()
    page = client.get(f"{EVENTS}{event.pk}/change/").content.decode()
    assert "请核对数据。" in page
    assert 'name="_save"' not in page
    found = client.get(EVENTS, {"action": "reject", "q": "数字经济"}).context["cl"].queryset
    assert list(found) == [event]


def test_events_are_listed_at_the_same_number_of_queries(client, cast):
    client.force_login(cast.auditor)
    drawn = factories.battle_map(cast.project, cast.clerk)
    drawn = cast.bring(drawn, State.SUBMITTED)
    counts = []
    for who, action in (("reviewer", "approve"), ("office", "confirm"), ("office", "issue")):
        client.get(EVENTS)
        with CaptureQueriesContext(connection) as queries:
            client.get(EVENTS)
        counts.append(len(queries))
        cast.act(drawn, who, action)
    assert len(set(counts)) == 1


def test_nobody_but_the_auditor_reads_logs_and_the_auditor_only_reads(client, cast):
    UserFactory()
    client.force_login(cast.auditor)
    for page in ("/admin/admin/logentry/", "/admin/axes/accesslog/"):
        assert "delete_selected" not in client.get(page).content.decode()
        assert client.post(f"{page}add/", {}).status_code in {403, 404}
