"""作战图: the picture of a map, the sheet to print, and the same as .xlsx."""

from io import BytesIO

from django.http import FileResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_safe

from accounts.addresses import client_address
from reform.maps import workbook as workbooks
from reform.maps.picture import Picture
from reform.models import BattleMap, LedgerExport
from workflow import rules


@require_safe
def picture(request, pk):
    """The picture of any map that this person may see; of one not yet issued, a preview without lights."""
    found = _map_or_404(request, pk)
    context = {
        "map": found,
        "project": found.project,
        "picture": Picture(found),
        "may_edit": rules.may_edit(found, request.user),
        "may_iterate": found.is_open and rules.may_create(found.project, request.user),
    }
    return render(request, "reform/map.html", context)


@require_GET
def workbook(request, pk):
    """The picture as .xlsx; each one that leaves the system is registered."""
    found = _map_or_404(request, pk)
    drawn = Picture(found)
    file = BytesIO()
    workbooks.write(drawn, file)
    LedgerExport.register(
        request.user,
        client_address(request),
        ledger=found._meta.verbose_name,
        as_of=drawn.at,
        conditions=f"{found.project.number} {found.project.name}，{found.year}年度",
        rows=len(drawn.rows),
    )
    file.seek(0)
    name = f"{found.project.name}_{found.year}年度作战图_{drawn.day}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def _map_or_404(request, pk):
    visible = BattleMap.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("dossier__project__department"), pk=pk)
