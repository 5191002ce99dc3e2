"""检索: one box for all that a person may read."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.listing import PAGE_SIZE
from reform.search import MOST, PREVIEW, SearchForm
from reform.search import search as groups_of


@require_safe
def search(request):
    """The first of every kind, or the pages of one."""
    if not request.user.reads_records:
        raise Http404
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else []
    groups = groups_of(request.user, words, form.cleaned_data.get("kind", "")) if words else []
    context = {
        "form": form,
        "words": words,
        "groups": groups,
        "total": sum(group.count for group in groups),
        "is_cut": any(group.has_more for group in groups),
        "most": MOST,
    }
    chosen = next((group for group in groups if group.source.key == form.cleaned_data.get("kind")), None)
    if chosen:
        page = Paginator(chosen.keys[:MOST], PAGE_SIZE).get_page(request.GET.get("page"))
        shown = [(chosen, chosen.found(page.object_list, words))]
        context |= {"chosen": chosen, "page_obj": page}
    else:
        shown = [(group, group.found(group.keys[:PREVIEW], words)) for group in groups if group.keys]
    return render(request, "reform/search/results.html", context | {"shown": shown})
