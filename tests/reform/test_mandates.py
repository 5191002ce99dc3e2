"""牵引来源 with its document, and 专项小组: wherever base info is kept, narrowed, taken out and brought back."""

import io

import pytest
import time_machine
from openpyxl import load_workbook

from reform.models import LedgerExport, Mandate, Project, TaskForce
from tests.factories import ProjectFactory
from tests.reform.import_pages import HEADINGS, book, changes, complaints, confirm, history_of, only, upload
from tests.reform.test_admin import facts

pytestmark = pytest.mark.sql

DOCUMENT = "关于开展数据要素改革试点的批复"
NEW_COLUMNS = ("专项小组", "牵引来源", "牵引文件")


@pytest.fixture
def task_force():
    return TaskForce.objects.create(name="经济体制改革专项小组")


@pytest.fixture
def pilot(client, office, task_force):
    """On 1 August the project became a central pilot; it is the next day, and the office is signed in."""
    office.issued_map()
    project = Project.objects.get(pk=office.project.pk)
    project.mandate, project.mandate_document, project.task_force = Mandate.CENTRAL, DOCUMENT, task_force
    with time_machine.travel("2026-08-01T09:00+08:00"):
        project.save()
    with time_machine.travel("2026-08-02T09:00+08:00"):
        client.force_login(office.office)
        yield project


def test_the_office_enters_it_and_a_document_needs_a_mandate(client, office, task_force):
    page = f"/office/projects/{office.project.pk}/"
    sent = facts(office.project, mandate="own", mandate_document=DOCUMENT, task_force=task_force.pk)
    refused = client.post(page, sent)
    assert refused.status_code == 422
    assert "牵引来源为“中央试点”或“上级部署”的，才填写牵引文件。" in refused.content.decode()
    client.post(page, sent | {"mandate": "central"})
    for address in (page, f"/projects/{office.project.pk}/", f"/projects/?mandate=central&task_force={task_force.pk}"):
        assert "数字经济改革" in client.get(address).content.decode()
    assert f"中央试点（{DOCUMENT}）" in client.get(f"/projects/{office.project.pk}/").content.decode()
    assert history_of(office.project)[0] == "；".join(
        ("专项小组：（空） → 经济体制改革专项小组", "牵引来源：（空） → 中央试点", f"牵引文件：（空） → {DOCUMENT}")
    )


def test_lists_and_ledgers_are_narrowed_by_it_as_it_was_on_the_day(client, office, pilot, task_force):
    ProjectFactory(department=office.planning, mandate=Mandate.OWN)

    def count(address):
        return client.get(address).context["page_obj"].paginator.count

    for query in ("mandate=central", f"task_force={task_force.pk}"):
        assert [count(f"{page}?{query}") for page in ("/projects/", "/office/projects/")] == [1, 1]
        for name, rows in (("projects", 1), ("indicators", 2), ("plans", 3)):
            assert count(f"/ledgers/{name}/?{query}") == rows
            assert count(f"/ledgers/{name}/?{query}&as_of=2026-07-31") == 0
    _, cells = client.get("/ledgers/projects/?mandate=central").context["lines"][0]
    said = {column.label: text for column, text in cells}
    assert [said[label] for label in NEW_COLUMNS] == ["经济体制改革专项小组", "中央试点", DOCUMENT]


def test_what_is_exported_changes_nothing_when_imported_and_what_is_changed_there_comes_back(client, office, pilot):
    ProjectFactory(department=office.planning)
    answer = client.post("/office/projects/export/?q=数字")
    assert LedgerExport.objects.get().ledger == "项目基础信息"
    taken = load_workbook(io.BytesIO(answer.content))
    assert "没有变化：表中 1 个项目" in upload(client, answer.content).content.decode()
    taken.active.cell(3, HEADINGS.index("牵引来源") + 1, "上级部署")
    stream = io.BytesIO()
    taken.save(stream)
    shown = upload(client, stream.getvalue())
    assert changes(shown) == {office.project.number: [("牵引来源", "中央试点", "上级部署")]}
    confirm(client, shown)
    pilot.refresh_from_db()
    assert (pilot.mandate, pilot.mandate_document) == (Mandate.SUPERIOR, DOCUMENT)


def test_a_sheet_made_before_there_were_these_columns_is_still_taken(client, office, pilot):
    older = [heading for heading in HEADINGS if heading not in NEW_COLUMNS]
    shown = upload(client, book(only(pilot.number, 领衔市领导="李市长"), headings=older))
    assert changes(shown) == {pilot.number: [("领衔市领导", "王市长", "李市长")]}
    wrong = book(only(pilot.number, 牵引来源="国家试点"))
    assert "牵引来源 “国家试点”不是牵引来源，应为：中央试点、上级部署、自主。" in complaints(upload(client, wrong))
