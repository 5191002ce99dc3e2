"""Two departments are merged at once, or somebody submits meanwhile: one thing happens, and the other is told so."""

import pytest

from accounts.models import Department, User
from accounts.waiting import BUSY
from reform.handovers.carry_out import carry_out
from reform.handovers.contents import Handover
from reform.models import Project
from reform.models.due_schedule import differences
from tests import factories
from tests.factories import DepartmentFactory, ProjectFactory, UserFactory
from tests.tracks import track
from workflow.actions import perform
from workflow.models import Record
from workflow.refusals import ActionRefused

pytestmark = pytest.mark.race


def merging(source, target, admin):
    """A deed: merges, and returns what is said to who is refused, or "again" where the preview is shown again."""
    handover = Handover.merger(source, target)
    token = handover.token

    def deed():
        try:
            return None if carry_out(handover, admin, token)[1] else "again"
        except ActionRefused as refusal:
            return str(refusal)

    return deed


def two_departments(domain):
    found = [DepartmentFactory(), DepartmentFactory()]
    for department in found:
        UserFactory(department=department)
        ProjectFactory(department=department, domain=domain)
    return found


def merging_rounds(cast, *, both_ways, **options):
    """For each round: two departments, and what was said when one was merged into the other, and that into it."""
    with track('UPDATE "workflow_dossier"', **options) as two:
        for _round in range(2):
            one, other = two_departments(cast.project.domain)
            second = merging(other, one, cast.admin) if both_ways else merging(one, cast.education, cast.admin)
            yield one, other, [answer for answer in two.race(merging(one, other, cast.admin), second) if answer]


def test_two_that_are_merged_into_each_other_at_once_leave_one(cast):
    for one, other, refusals in merging_rounds(cast, both_ways=True):
        open_ones = Department.objects.filter(pk__in=[one.pk, other.pk], is_active=True)
        assert (open_ones.count(), len(refusals)) == (1, 1)
        assert refusals[0] == BUSY or refusals[0].endswith("已停用，请选择承接工作的单位。")
        assert set(Project.objects.filter(department__in=[one, other]).values_list("department", flat=True)) == {
            open_ones.get().pk
        }


def test_one_that_is_merged_twice_at_once_goes_one_way(cast):
    for one, other, refusals in merging_rounds(cast, both_ways=False):
        assert len(refusals) == 1
        assert refusals[0] in ("again", BUSY) or refusals[0] == f"{one}已停用，没有需要移交的内容。"
        where = set(User.objects.filter(department__in=[one, other, cast.education]).values_list("department"))
        assert (one.pk,) not in where


def test_control_without_locks_both_are_merged_away(cast):
    rounds = merging_rounds(cast, both_ways=True, locks=False)
    closed = [
        Department.objects.filter(pk__in=[one.pk for one in pair], is_active=False).count() for *pair, _ in rounds
    ]
    assert 2 in closed


def test_of_a_merger_and_a_submission_at_once_nothing_is_lost(cast):
    """Whoever comes later is told, and what was submitted is the successor's."""
    drawn = cast.issued_map()
    draft = factories.target_update(drawn, cast.clerk, 1)

    def submit():
        try:
            perform(draft.pk, "submit", User.objects.get(pk=cast.clerk.pk), draft.version)
        except ActionRefused as refusal:
            return str(refusal)

    with track('UPDATE "workflow_') as two:
        merged, submitted = two.race(merging(cast.planning, cast.science, cast.admin), submit)
    record = Record.objects.get(pk=draft.pk)
    assert merged in (None, BUSY)
    assert submitted in (None, BUSY, "这条记录现在是“草稿”，您不能进行这项操作。", "这条记录已不存在，可能刚刚被删除。")
    assert (record.state == "submitted") == (submitted is None)
    assert record.department == (cast.planning if merged else cast.science)
    assert differences() == []
