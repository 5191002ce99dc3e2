"""措施迭代申请 of one map: 新增举措 with 新增, and 更新迭代 with 编辑举措 for each measure."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reform.models import MeasureIteration
from tests import factories
from workflow.states import State


@pytest.fixture
def drawn(cast):
    return cast.issued_map()


@pytest.fixture
def visit(client, cast, drawn):
    def get(who, battle_map=drawn):
        client.force_login(getattr(cast, who))
        return client.get(f"/maps/{battle_map.pk}/iterations/")

    return get


def keys(answer):
    """What the page's buttons would begin."""
    return [
        line.split("/kinds/measureiteration/new/")[1].split("/")[0]
        for line in answer.content.decode().splitlines()
        if "/kinds/measureiteration/new/" in line
    ]


def test_from_the_list_to_the_two_parts_as_the_manual_says(client, cast, drawn, visit):
    client.force_login(cast.clerk)
    assert f'href="/maps/{drawn.pk}/iterations/"' in client.get("/kinds/measureiteration/").content.decode()
    answer = visit("clerk")
    page = answer.content.decode()
    assert "<h2>新增举措</h2>" in page
    assert "<h2>更新迭代</h2>" in page
    assert page.count(">编辑举措</a>") == 3
    assert "新增举措</a>" in page
    assert "更新迭代</a>" in page
    # 新增举措 in the head of the page and 新增 at its part begin the same.
    assert keys(answer) == [
        str(drawn.pk),
        str(drawn.pk),
        *(f"{drawn.pk}-{measure.pk}" for measure in drawn.measures.all()),
    ]


def test_a_new_measure_has_a_form_of_content_grounds_and_plans(client, cast, drawn):
    client.force_login(cast.clerk)
    answer = client.get(f"/kinds/measureiteration/new/{drawn.pk}/")
    page = answer.content.decode()
    assert all(words in page for words in ["新增举措", "具体举措", "迭代依据", "月度计划录入", "计划类型", "计划内容"])
    assert ">计划年度</label>" in page
    assert 'value="2026年" readonly' in page


def test_editing_starts_from_the_measure_and_its_plans(client, cast, drawn):
    client.force_login(cast.clerk)
    measure = drawn.measures.all()[1]
    address = f"/kinds/measureiteration/new/{drawn.pk}-{measure.pk}/"
    answer = client.get(address)
    form = answer.context["form"]
    assert form["content"].value() == measure.content
    assert [row["content"].value() for row in form.plans] == ["7月制定方案"]
    assert not MeasureIteration.objects.exists()
    begun = factories.iteration(measure, cast.clerk)
    client.force_login(cast.clerk2)
    assert client.get(address).url == f"/records/{begun.pk}/edit/"


def test_measures_say_how_often_they_were_iterated_and_what_is_under_way(cast, drawn, visit):
    first, second, third = drawn.measures.all()
    cast.bring(factories.iteration(first, cast.clerk), State.CONFIRMED)
    cast.bring(factories.iteration(second, cast.clerk), State.SUBMITTED)
    answer = visit("clerk")
    page = answer.content.decode()
    assert "已迭代 1 次" in page
    assert "第1条举措（已优化）" in page
    assert "2月 制定改革方案；9月 开展试点示范" in page
    assert "待部门审核" in page
    assert f"{drawn.pk}-{second.pk}" not in keys(answer)
    assert {f"{drawn.pk}-{first.pk}", f"{drawn.pk}-{third.pk}"} < set(keys(answer))


def test_from_the_map_one_comes_to_what_a_measure_said_before(client, cast, drawn, visit):
    measure = drawn.measures.first()
    twice = [cast.bring(factories.iteration(measure, cast.clerk), State.CONFIRMED)]
    measure.refresh_from_db()
    twice.append(cast.bring(factories.iteration(measure, cast.clerk), State.CONFIRMED))
    page = visit("partner").content.decode()
    line = re.search(rf'<li id="measure-{measure.pk}">.*?</li>', page, re.DOTALL).group()
    assert "已迭代 2 次" in line
    assert re.findall(r'href="(/records/\d+/)"', line) == [f"/records/{record.pk}/" for record in reversed(twice)]
    for address in (f"/maps/{drawn.pk}/", f"/projects/{drawn.dossier_id}/"):
        assert (
            f'href="/maps/{drawn.pk}/iterations/#measure-{measure.pk}">已迭代 2 次</a>'
            in client.get(address).content.decode()
        )


def test_an_issued_map_says_what_applications_have_changed_since(client, cast, drawn):
    client.force_login(cast.clerk)
    page = client.get(f"/records/{drawn.pk}/").content.decode()
    assert "与下发时相比没有变化" in page
    assert "已下发，内容不再更改；有变化的，通过“措施迭代申请”等申请办理。" in page
    cast.bring(factories.iteration(drawn.measures.first(), cast.clerk), State.CONFIRMED)
    page = client.get(f"/records/{drawn.pk}/").content.decode()
    assert "与下发时相比的变化已标出" in page
    assert "第1条举措<ins>（已优化）</ins>" in page


def test_additions_are_listed_with_their_state(cast, drawn, visit):
    assert "还没有新增举措。" in visit("clerk").content.decode()
    added = cast.bring(factories.new_measure(drawn, cast.clerk), State.DEPT_APPROVED)
    page = visit("clerk").content.decode()
    assert f'href="/records/{added.pk}/"' in page
    assert "待改革办审核" in page


@pytest.mark.parametrize("who", ["reviewer", "office", "office_elsewhere", "partner", "partner_reviewer"])
def test_others_read_without_buttons(visit, who):
    answer = visit(who)
    assert "第1条举措" in answer.content.decode()
    assert keys(answer) == []
    assert "编辑举措" not in answer.content.decode()


def test_partners_read_what_is_settled_and_no_more(cast, drawn, visit):
    added = factories.new_measure(drawn, cast.clerk)
    added.content = "还没定下来的举措"
    added.save()
    cast.bring(added, State.SUBMITTED)
    cast.bring(factories.iteration(drawn.measures.last(), cast.clerk), State.SUBMITTED)
    assert "还没定下来的举措" in visit("reviewer").content.decode()
    page = visit("partner").content.decode()
    assert "还没定下来的举措" not in page
    assert "待部门审核" not in page


@pytest.mark.parametrize("who", ["stranger", "strange_reviewer", "admin", "auditor"])
def test_for_strangers_it_is_not_there(visit, client, who):
    assert visit(who).status_code == 404
    assert client.get("/maps/999999/iterations/").status_code == 404


def test_a_map_that_is_not_issued_is_not_iterated(client, cast, visit):
    early = factories.battle_map(factories.ProjectFactory(department=cast.planning), cast.clerk)
    answer = visit("clerk", early)
    assert "项目作战图下发后，才能申请措施迭代。" in answer.content.decode()
    assert keys(answer) == []
    answer = client.get(f"/kinds/measureiteration/new/{early.pk}/")
    assert "项目作战图下发后，才能申请措施迭代。" in answer.content.decode()
    assert not MeasureIteration.objects.exists()


def test_a_measure_of_another_map_is_not_there(client, cast, drawn):
    other = factories.battle_map(factories.ProjectFactory(department=cast.education), cast.stranger)
    foreign = other.measures.first().pk
    client.force_login(cast.clerk)
    for key in [f"{drawn.pk}-{foreign}", f"{other.pk}-{foreign}", str(other.pk)]:
        assert client.get(f"/kinds/measureiteration/new/{key}/").status_code == 404
    assert not MeasureIteration.objects.exists()


def test_queries_grow_neither_with_measures_nor_with_plans(cast, drawn, visit):
    def count():
        visit("clerk")
        with CaptureQueriesContext(connection) as captured:
            visit("clerk")
        return len(captured)

    before = count()
    for number in range(2):
        cast.bring(factories.new_measure(drawn, cast.clerk), State.CONFIRMED)
        cast.bring(factories.iteration(drawn.measures.all()[number], cast.clerk), State.CONFIRMED)
    assert count() == before


def test_the_form_asks_the_same_number_of_times_for_one_plan_and_for_three(client, cast, drawn):
    client.force_login(cast.clerk)
    changed = factories.iteration(drawn.measures.first(), cast.clerk)

    def count():
        client.get(f"/records/{changed.pk}/edit/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/records/{changed.pk}/edit/")
        return len(captured)

    before = count()
    for month in (8, 10):
        plan = changed.measure.plans.create(month=month, type="pilot", content="试点")
        changed.changes.create(plan=plan, month=month, type="pilot", content="试点")
    assert count() == before
