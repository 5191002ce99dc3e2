"""The one edit page of every kind: 保存为草稿, 保存并上报, and the draft that saves itself."""

import re
from collections.abc import Mapping
from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views import View

from accounts import clock
from accounts.addresses import client_address
from accounts.pending_post import wants_json
from workflow import actions, files, rules
from workflow.editing.forms import RecordForm
from workflow.editing.rows import MOST_ROWS_IN_ALL, count_rows
from workflow.models import Record
from workflow.states import CAME_BACK, EDITABLE
from workflow.texts import parse_pk


class EditView(View):
    """The page for every kind of record: `forms` maps each to its RecordForm."""

    forms: Mapping[type[Record], type[RecordForm]] = {}

    def form_class(self, record):
        return self.forms[type(record)]

    def get(self, request, pk):
        record = _find(request, pk)
        if not rules.may_edit(record, request.user):
            why = f"这条记录现在是“{record.get_state_display()}”，不能修改。"
            messages.info(request, "这条记录由责任单位录入人员修改。" if record.state in EDITABLE else why)
            return redirect("workflow:record", pk)
        form = self.form_class(record)(instance=record)
        return self._page(request, record, form, problems=_known_problems(record))

    def post(self, request, pk):
        """Save, and with `submit` also submit. Nothing that was typed is lost on any way out."""
        if (rows := count_rows(request.POST)) > MOST_ROWS_IN_ALL:
            return _too_many_rows(request, rows)
        try:
            record = _find(request, pk)
            return self._autosave(request, record) if "autosave" in request.POST else self._save(request, record)
        except (Http404, ObjectDoesNotExist):  # discarded before, or between two of our questions
            return _gone(request, actions.Gone())

    def _save(self, request, record):
        if _already_submitted(request, record):
            messages.success(request, "已上报，不必重复提交。")
            return redirect("workflow:record", record.pk)
        file_problems = files.receive(request, record)
        try:
            form = self._write(request, record)
        except actions.ActionRefused as refusal:
            return self._conflict(request, record, refusal)
        if not form.is_valid():
            return self._page(request, record, form, file_problems=file_problems, status=422)
        if file_problems:
            return self._page(request, record, self._fresh(form.instance), file_problems=file_problems, status=422)
        if "submit" in request.POST:
            return self._submit(request, form.instance)
        if "save" in request.POST:
            messages.success(request, "草稿已保存。")
            return redirect("editing:edit", record.pk)
        if "preview" in request.POST:
            return redirect(form.preview_url())
        # Without a script, 添加 saves and comes back with one more row.
        wanted = request.POST.get("add", "")
        if wanted and count_rows(request.POST) >= MOST_ROWS_IN_ALL:
            wanted = ""
            messages.warning(request, f"一张表单合计最多 {MOST_ROWS_IN_ALL} 行，不能再添加。")
        form = self.form_class(record)(instance=_reload(record), blank=wanted)
        return self._page(request, form.instance, form, problems=_known_problems(form.instance))

    def _submit(self, request, record):
        try:
            actions.perform(record.pk, "submit", request.user, record.version, address=client_address(request))
        except actions.Incomplete as incomplete:
            form = self._fresh(record)
            form.show(incomplete.problems)
            return self._page(request, form.instance, form, problems=incomplete.problems, status=422)
        except actions.ActionRefused as refusal:
            return self._conflict(request, record, refusal)
        messages.success(request, f"已上报，等待{record.department}审核人员审核。")
        return redirect("workflow:record", record.pk)

    def _autosave(self, request, record):
        """JSON for the page's own saving: the new version and the ids of new rows, or why nothing was saved."""
        try:
            form = self._write(request, record)
        except actions.ActionRefused as refusal:
            return _gone(request, refusal) if isinstance(refusal, actions.Gone) else _refusal(refusal)
        if not form.is_valid():
            return JsonResponse({"message": "有内容填写有误，改正后才能自动保存。"}, status=422)
        saved = self._fresh(form.instance)
        problems = saved.instance.problems()
        return JsonResponse(
            {
                "version": saved.instance.version,
                "ids": form.ids(),
                "message": f"草稿已于 {timezone.localtime(clock.now()):%H:%M} 自动保存",
                "problems": [asdict(problem) for problem in form.located(problems, saved)],
                "parts": [asdict(part) for part in saved.parts(problems)],
            }
        )

    @actions.locking()
    def _write(self, request, record):
        """The bound form, saved if it is valid. Raises ActionRefused when somebody was quicker."""
        locked = actions.lock_editable_at(record.pk, request.user, _version(request))
        form = self.form_class(record)(request.POST, instance=locked)
        if form.is_valid():
            form.save(touch="autosave" not in request.POST)
        return form

    def _conflict(self, request, record, refusal):
        """Both texts side by side; saving again, having seen both, goes over the newer one."""
        if isinstance(refusal, actions.Gone):
            return _gone(request, refusal)
        if isinstance(refusal, actions.Busy):
            form = self.form_class(record)(request.POST, instance=_reload(record))
            form.is_valid()
            return self._page(request, form.instance, form, busy=refusal, status=503)
        latest = _reload(record)
        typed = request.POST.copy()
        typed["version"] = latest.version
        form = self.form_class(record)(typed, instance=_reload(record))
        form.is_valid()
        return self._page(
            request,
            latest,
            form,
            conflict=refusal,
            editable=rules.may_edit(latest, request.user),
            current=latest.marked_content(),
            status=409,
        )

    def _page(self, request, record, form, *, problems=(), status=200, editable=True, **context):
        context |= {
            "record": record,
            "form": form,
            "problems": problems,
            "parts": form.parts(form.input_errors() or problems),
            "editable": editable,
            "may_discard": rules.may_discard(record, request.user),
            "most_rows": MOST_ROWS_IN_ALL,
            "decision": record.events.first() if record.state in CAME_BACK else None,
            "kind_name": record._meta.model_name,
            "body": f"{record.template_folder}/_body.html",
        }
        context |= files.editing_context(record)
        return render(request, f"{record.template_folder}/form.html", context, status=status)

    def _fresh(self, record):
        return self.form_class(record)(instance=_reload(record))


def _refusal(refusal):
    return JsonResponse({"message": str(refusal)}, status=503 if isinstance(refusal, actions.Busy) else 409)


def _gone(request, refusal):
    """The record is not there (any more): what was typed can still be copied."""
    if wants_json(request):
        return JsonResponse({"message": f"{refusal}内容没有保存，请复制后另行填报。"}, status=404)
    typed = [
        value
        for name, values in request.POST.lists()
        for value in values
        if value.strip() and not name.endswith(("_FORMS", "-id")) and name not in ("version", "csrfmiddlewaretoken")
    ]
    # Choices go by names of ours, which say nothing to people.
    words = [value for value in typed if not re.fullmatch(r"[a-z_]+", value)]
    return render(request, "workflow/gone.html", {"sentence": refusal, "typed": words}, status=404)


def _too_many_rows(request, rows):
    sentence = f"一张表单合计最多 {MOST_ROWS_IN_ALL} 行，提交的有 {rows} 行，没有保存。请返回上一页减少后再保存。"
    if wants_json(request):
        return JsonResponse({"message": sentence}, status=422)
    return render(request, "workflow/refused.html", {"heading": "内容过多", "sentence": sentence}, status=422)


def _already_submitted(request, record):
    """A second click on 保存并上报: the first one saved and submitted (a version each), and nobody acted since."""
    before = _version(request)
    return (
        "submit" in request.POST
        and record.version == before + 2
        and record.events.filter(actor=request.user, action="submit", version=before + 1).exists()
    )


def _known_problems(record):
    """What stands in the way of 上报; a form never saved has nothing to complain of yet."""
    return record.problems() if record.version else []


def _reload(record):
    return type(record).objects.select_related("dossier__department").get(pk=record.pk)


def _version(request):
    return parse_pk(request.POST.get("version", ""))


def _find(request, pk):
    try:
        return Record.objects.visible_to(request.user).get(pk=pk).specific
    except ObjectDoesNotExist as error:  # not there, or discarded between the two questions
        raise Http404 from error
