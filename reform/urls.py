"""Addresses of the domain's pages."""

from django.urls import path

from .views import (
    carry_over,
    fillable,
    guide,
    iterations,
    kinds,
    ledgers,
    light_rule,
    map_imports,
    map_table,
    maps,
    month_end,
    plans,
    projects,
)
from .views.office import base_data_imports, base_info, calendar, domains, handovers

app_name = "reform"
urlpatterns = [
    path("help/", guide.guide, name="help"),
    path("month-end/", month_end.month_end, name="month_end"),
    path("month-end/urge/", month_end.urge, name="urge"),
    path("month-end/phone/", month_end.phone, name="phone"),
    path("month-end/late/", month_end.late, name="late_list"),
    path("unreported/", month_end.moved, name="unreported"),
    path("projects/", projects.projects, name="projects"),
    path("projects/<key:pk>/", projects.project, name="project"),
    path("projects/<key:pk>/carry-over/<key:year>/", carry_over.carry_over, name="carry_over"),
    path("projects/<key:pk>/table/<key:year>/", map_table.map_table, name="map_table"),
    path("lights/", light_rule.light_rule, name="light_rule"),
    path("plans/<key:pk>/", plans.plan, name="plan"),
    *map_imports.maps.urls("maps/import/"),
    path("maps/<key:pk>/", maps.picture, name="map"),
    path("maps/<key:pk>/excel/", maps.workbook, name="map_excel"),
    path("maps/<key:pk>/iterations/", iterations.iterations, name="iterations"),
    path("ledgers/", ledgers.ledgers, name="ledgers"),
    path("ledgers/<slug:name>/", ledgers.ledger, name="ledger"),
    path("ledgers/<slug:name>/export/", ledgers.export, name="ledger_export"),
    *(address for pages in fillable.PAGES for address in pages.urls(f"ledgers/{pages.sheet.ledger.name}/")),
    *base_info.BaseInfos().urls("office/projects/"),
    path("office/projects/export/", base_info.export, name="base_info_export"),
    *base_data_imports.base_info.urls("office/projects/import/"),
    *base_data_imports.departments.urls("office/departments/import/"),
    *base_data_imports.people.urls("office/people/import/"),
    path("office/departments/<key:pk>/merge/", handovers.merge, name="department_merge"),
    path("office/departments/<key:pk>/split/", handovers.split, name="department_split"),
    *calendar.days.urls("office/calendar/", folder="days/"),
    path("office/calendar/import/", calendar.import_notice, name="calendar_import"),
    path("office/calendar/import/template/", calendar.template, name="calendar_template"),
    path("office/calendar/<key:year>/", calendar.year, name="calendar_year"),
    path("office/calendar/<key:year>/complete/", calendar.complete, name="calendar_complete"),
    *domains.Domains().urls("office/domains/"),
    *domains.TaskForces().urls("office/task-forces/"),
    path("kinds/<slug:name>/", kinds.kind, name="kind"),
]
