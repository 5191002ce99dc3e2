"""本月一页报完: all that is due of a clerk's projects on one page, saved as one draft each and submitted together."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.addresses import client_address
from reform.monthly.page import MonthPage
from reform.monthly.writing import Outcome, find_problems, submit, write
from workflow.texts import parse_pk


@require_http_methods(["GET", "HEAD", "POST"])
def month(request):
    """For clerks. What is sent names the projects that the page showed, so that what it brings finds its place."""
    if not request.user.is_clerk:
        raise Http404
    page = MonthPage(request.user, early="early" in request.GET)
    return _sent(request, page) if request.method == "POST" else _page(request, page)


def _sent(request, page):
    shown = page.named({parse_pk(key) for key in request.POST.getlist("shown")[: page.most]})
    groups = page.groups(shown)
    ticked = {parse_pk(key) for key in request.POST.getlist("project")} if "submit" in request.POST else set()
    outcome = write(groups, request.POST, request.user, ticked)
    if "submit" in request.POST:
        _submit(request, groups, outcome, ticked)
    elif outcome.is_whole:
        messages.success(request, "草稿已保存。", extra_tags=request.path)
    if outcome.is_whole and not outcome.problems and not outcome.refusals:
        return redirect(_address(request))
    return _page(request, page, groups=page.groups(shown), outcome=outcome, ticked=ticked, status=422)


def _submit(request, groups, outcome, ticked):
    """All that was sent of the ticked projects, if nothing of it is in the way."""
    chosen = [group for group in groups if group.project.pk in ticked]
    entries = {entry.name: entry for group in chosen for entry in group.open_entries}
    sent = [name for name in entries if name in outcome.saved]
    if any(name in outcome.wrong or name in outcome.stale for name in entries):
        # What later months lack may stem from a value that could not be kept.
        find_problems(outcome, [name for name in sent if not entries[name].is_targets])
    elif outcome.repeated and not sent:
        messages.success(request, "已上报，不必重复提交。", extra_tags=request.path)
    elif not sent:
        messages.warning(request, "没有上报：请先勾选要上报的项目。", extra_tags=request.path)
    else:
        submit(outcome, sent, request.user, client_address(request))
        if outcome.submitted:
            names = "、".join(dict.fromkeys(str(group.project.department) for group in chosen))
            done = f"已上报 {len(chosen)} 个项目共 {outcome.submitted} 件，等待{names}审核人员审核。"
            messages.success(request, done, extra_tags=request.path)


def _page(request, page, *, groups=None, outcome=None, ticked=None, status=200):
    paged = page.projects().get_page(request.GET.get("page"))
    groups = page.groups(paged) if groups is None else groups
    outcome = outcome or Outcome()
    for group in groups:
        if ticked is not None:
            group.is_ticked = group.project.pk in ticked or "submit" not in request.POST
        for entry in group.open_entries:
            entry.problems = outcome.problems.get(entry.name, ())
            if entry.name in outcome.wrong:
                entry.show_typed(outcome.wrong[entry.name])
            elif entry.name in outcome.stale:
                entry.show_over(*outcome.stale[entry.name])
            else:
                entry.sentence = outcome.refusals.get(entry.name, "")
                entry.show()
    context = {
        "page_obj": paged,
        "groups": groups,
        "lost": outcome.lost,
        "asked": "submit" in request.POST and not outcome.submitted,
        "unsaved": [entry for group in groups for entry in group.unsaved],
        "problems": [problem for group in groups for problem in group.problems],
        "has_targets": any(group.targets for group in groups),
        "has_open": any(group.open_entries for group in groups),
        "early": page.early,
        "ahead": 0 if page.early else page.waiting_early(),
        "month": page.day,
        "address": _address(request),
    }
    return render(request, "reform/monthly/page.html", context, status=status)


def _address(request):
    wanted = {name: request.GET[name] for name in ("early", "page") if request.GET.get(name)}
    return reverse("reform:month") + (f"?{urlencode(wanted)}" if wanted else "")
