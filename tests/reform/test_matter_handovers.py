"""机构调整 of 督办事项: what is open goes to the successor, what is closed keeps its departments."""

import pytest
import time_machine

from reform.ledgers import LEDGERS
from reform.models import Step, SupervisionMatter
from tests import factories
from tests.reform.handover_pages import merge, page, split
from tests.reform.test_ledgers_as_of import table

pytestmark = pytest.mark.sql


def test_open_matters_and_what_was_raised_go_with_their_departments(client, admin):
    led = factories.matter(admin, text="打通数据共享堵点。")
    assisted = factories.matter(admin, text="制定数据标准。")
    factories.supervision_report(led, admin.clerk)
    closed = factories.matter(admin, text="已经办完。")
    closed.move(Step.CLOSED, admin.office)
    shown = client.post(page(admin.planning), {"target": admin.science.pk})
    handover = shown.context["handover"]
    said = "牵头单位：市发展改革委 → 市科技局；配合单位：市科技局 → （空）"
    assert [(place.project, place.sentence) for place in handover.matter_places] == [(led, said), (assisted, said)]
    assert handover.records == [("办理反馈", [("草稿", 1)])]
    assert "督办事项“打通数据共享堵点”：市科技局原是配合单位，改为牵头单位。" in shown.content.decode()
    with time_machine.travel("2026-07-16T09:00+08:00"):
        client.force_login(admin.admin)
        merge(client, admin.planning, admin.science)
        led.refresh_from_db()
        assert (led.department, list(led.partners.all())) == (admin.science, [])
        assert led.steps.first().words == f"{said}（机构调整）"
        closed.refresh_from_db()
        assert (closed.department, list(closed.partners.all())) == (admin.planning, [admin.science])
        admin.clerk.refresh_from_db()
        assert led in SupervisionMatter.objects.visible_to(admin.clerk)
        [ledger] = [ledger for ledger in LEDGERS if ledger.name == "matters"]
        for day, department in (("2026-07-15", "市发展改革委"), ("2026-07-16", "市科技局")):
            rows = table(ledger, admin.office, {"as_of": day, "q": "堵点"})
            assert [row[5] for row in rows] == [department]


def test_a_matter_of_a_project_goes_to_a_new_department_with_it(client, admin):
    of_project, other = factories.matter(admin, of_project=admin.project), factories.matter(admin)
    split(client, admin.planning, projects=[admin.project], name="市数据局")
    of_project.refresh_from_db()
    other.refresh_from_db()
    assert (str(of_project.department), other.department) == ("市数据局", admin.planning)
