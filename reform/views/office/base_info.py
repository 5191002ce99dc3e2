"""项目基础信息: the list, one project, and what has been changed in it."""

from django.contrib import messages
from django.db.models import Prefetch
from django.views.decorators.http import require_POST

from accounts import clock, history
from accounts.addresses import client_address
from accounts.models import Department
from accounts.office_forms import EntrustingForm
from accounts.views import office
from reform.calendar import today
from reform.filters import BaseInfoFilter
from reform.forms.project import ProjectForm
from reform.imports.base_info import LAYOUT
from reform.imports.sheets import filled
from reform.models import BattleMap, LedgerExport, Project
from reform.views.imports import download
from workflow.actions import lock_dossier


class BaseInfos(office.Pages):
    model, form, filter = Project, ProjectForm, BaseInfoFilter
    room, name, names = "reform", "base_info", "base_infos"
    title, add_title = "项目基础信息", "新增项目"
    deletable = True

    def rows(self):
        return Project.objects.select_related("department")

    def chosen(self, request):
        latest_first = Prefetch("records", BattleMap.objects.of_kind().order_by("-year"), to_attr="maps")
        found = self.rows().prefetch_related(latest_first)
        return BaseInfoFilter(request.GET, found, user=request.user, year=today().year)

    def load(self, pk, *, lock):
        """While the office changes base info, nobody begins a map on what it was."""
        found = super().load(pk, lock=False)
        if not lock:
            return found
        lock_dossier(pk)
        return super().load(pk, lock=False)

    def saved(self, request, form):
        if form.moved:
            messages.warning(request, form.move_sentence())

    def context(self, request, obj):
        if not obj.pk:
            return {}
        department = Department.objects.get(dossiers=obj.pk)  # not the one that may have been chosen just now
        return {"people": _people(department), "filed": obj.records.count()}

    def may_be_deleted(self, obj):
        return not obj.records.exists()


@office.permitted("reform.change_project")
@require_POST
def export(request):
    """The projects of the list as it is narrowed, in the columns of the import: what is changed there comes back."""
    found = BaseInfos().chosen(request).qs.select_related("department", "domain", "task_force")
    rows = [history.facts(project, ProjectForm.Meta.fields) for project in found.prefetch_related("partners")]
    LedgerExport.register(request.user, client_address(request), ledger=LAYOUT.title, as_of=clock.now(), rows=len(rows))
    return download(filled(LAYOUT, rows), f"{LAYOUT.title}_{today().isoformat()}.xlsx")


def _people(department):
    """[(what they do, names)] of those who look after its projects."""
    return [
        (
            EntrustingForm.base_fields[role].label,
            [user.full_name for user in department.people_in_charge(role)],
        )
        for role in EntrustingForm.ROLES
    ]
