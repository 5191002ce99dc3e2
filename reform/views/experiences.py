"""经验库."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import AuthenticatedRequest
from reform.bulletins import experiences as library
from reform.forms.experience import ExperienceForm
from reform.models import BrandUpdate, PromotionUpdate

PAGE_SIZE = 20


@require_safe
def experiences(request: AuthenticatedRequest) -> HttpResponse:
    """Confirmed promotions and brands, by day; each leads to its record."""
    if not request.user.reads_records:
        raise Http404
    form = ExperienceForm(request.GET, user=request.user)
    form.is_valid()  # what is wrong is told beside its field, and narrows nothing
    data = form.cleaned_data
    rows = library.experiences(
        request.user,
        kind=data.get("kind", ""),
        period=data.get("period"),
        department=data.get("department"),
        domain=data.get("domain"),
        words=data.get("q", ""),
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    records = library.records(found)
    shown = [_shown(records[row["pk"]], row) for row in found]
    narrowed = any(request.GET.get(name) for name in form.fields)
    context = {"form": form, "page_obj": page, "rows": shown, "is_narrowed": narrowed}
    return render(request, "reform/bulletins/experiences.html", context)


def _shown(record: PromotionUpdate | BrandUpdate, row: dict[str, Any]) -> dict[str, Any]:
    if isinstance(record, PromotionUpdate):
        return row | {
            "record": record,
            "label": "经验复制推广",
            "way": record.get_method_display(),
            "text": record.summary,
        }
    return row | {
        "record": record,
        "label": "改革品牌",
        "way": record.get_recognition_display(),
        "text": record.results,
    }
