"""The one edit page of every kind: 保存为草稿, 保存并上报, and the draft that saves itself.

A record begins with the first input: until then its page stands at the address of its kind and key (`editing:new`).
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from accounts import clock
from accounts.addresses import client_address
from accounts.requests import AuthenticatedRequest
from accounts.waiting import waited_in_vain
from workflow import actions, contributions, files, refusals, rules
from workflow.editing.closed import sent_back_context
from workflow.editing.forms import RecordForm
from workflow.editing.missing import also_missing
from workflow.editing.refused import not_saved, refused, too_many_rows
from workflow.editing.rows import MOST_ROWS_IN_ALL, count_rows
from workflow.models import Problem, Record
from workflow.states import EDITABLE
from workflow.texts import clean_text, parse_pk

OPEN_WORDS = 500  # characters of the reason for which something is to be opened


class EditView(View):
    """The page for every kind of record: `forms` maps each to its RecordForm."""

    request: AuthenticatedRequest
    forms: Mapping[type[Record], type[RecordForm]] = {}

    @staticmethod
    def may_send_files(request: AuthenticatedRequest, **where: Any) -> bool:
        """Those of a clerk; a record that has gone on meanwhile is answered with what was typed."""
        if "pk" in where:
            _find(request, where["pk"])
        return request.user.is_clerk

    def form_class(self, record: Record) -> type[RecordForm]:
        return self.forms[type(record)]

    def get(self, request: AuthenticatedRequest, **where: str) -> HttpResponse:
        try:
            record = self._record()
        except refusals.NoSuchMatter as error:
            raise Http404 from error
        except refusals.ActionRefused as refusal:
            return refused(request, "不能填报", refusal)
        if record.pk and "key" in where:
            return redirect("editing:edit", record.pk)
        if not rules.may_edit(record, request.user):
            why = f"这条记录现在是“{record.get_state_display()}”，不能修改。"
            if record.state in EDITABLE:
                why = refusals.CLOSED if record.dossier.closed_at else "这条记录由责任单位录入人员修改。"
            messages.info(request, why)
            return redirect("workflow:record", record.pk)
        form_class = self.form_class(record)
        if record.pk is None and (data := form_class.starting_data(record, request.GET)):
            form = form_class(data, instance=record)
            form.is_valid()
            return self._page(request, record, form, filled_in=True)
        if record.pk:
            record.read_once()
        return self._page(request, record, form_class(instance=record), problems=_known_problems(record))

    def post(self, request: AuthenticatedRequest, **where: str) -> HttpResponse:
        """Save, and with `submit` also submit. Nothing that was typed is lost on any way out."""
        if (rows := count_rows(request.POST)) > MOST_ROWS_IN_ALL:
            return too_many_rows(request, rows)
        try:
            record = self._record()
            if "restore" in request.POST:
                return self._restore(request, record)
            return self._autosave(request, record) if "autosave" in request.POST else self._save(request, record)
        except (Http404, ObjectDoesNotExist):  # discarded before, or between two of our questions
            return not_saved(request, refusals.Gone(), 404)
        except refusals.ActionRefused as refusal:
            return not_saved(request, refusal, 409)
        except OperationalError as error:  # while reading; what waits for locks says so itself
            if not waited_in_vain(error):
                raise
            return not_saved(request, refusals.Busy(), 503)

    def _record(self) -> Record:
        """The record of this address; of one that names a kind and a key, it may be not saved yet."""
        if "pk" in self.kwargs:
            return _find(self.request, self.kwargs["pk"])
        kind = next((kind for kind in self.forms if kind._meta.model_name == self.kwargs["name"]), None)
        if kind is None:
            raise Http404
        record = kind.draft_from_key(self.kwargs["key"], self.request.user)
        if record.pk:
            return record
        if record.dossier.closed_at:
            raise refusals.Closed
        if not rules.may_edit(record, self.request.user):
            raise Http404
        record.slot = record.slot or _token(self.request)
        begun = record.slot and kind.objects.filter(dossier=record.dossier_id, slot=record.slot).first()
        return begun or record

    def _begin(self) -> Record:
        """The record of this address, which is saved now if it was not. Call it inside `actions.locking`."""
        return actions.create_record(self._record)

    def _save(self, request: AuthenticatedRequest, record: Record) -> HttpResponse:
        try:
            if missing := [] if record.pk else self._missing_untouched(request, record):
                form = self._fresh(record)
                form.show(missing)
                return self._page(request, record, form, problems=missing, quiet=False, status=422)
            with actions.locking():
                record = record if record.pk else self._begin()
        except refusals.Busy as busy:
            return self._conflict(request, record, busy)
        if _already_submitted(request, record):
            messages.success(request, "已上报，不必重复提交。", extra_tags=request.path)
            return redirect("workflow:record", record.pk)
        file_problems = files.receive(request, record)
        try:
            form, _, missing = self._write(request, record)
        except refusals.ActionRefused as refusal:
            return self._conflict(request, record, refusal)
        if not form.is_valid():
            problems = [*form.input_errors(), *missing]
            form.show(missing)
            quiet = "submit" not in request.POST
            return self._page(
                request, record, form, problems=problems, quiet=quiet, file_problems=file_problems, status=422
            )
        return self._saved(request, form, file_problems)

    def _saved(
        self, request: AuthenticatedRequest, form: RecordForm, file_problems: list[files.UploadError]
    ) -> HttpResponse:
        """The way on from what has been saved, as the button says."""
        record = form.instance
        if file_problems:
            return self._page(request, record, self._fresh(record), file_problems=file_problems, status=422)
        if "submit" in request.POST:
            return self._submit(request, record)
        if "save" in request.POST:
            messages.success(request, "草稿已保存。", extra_tags=request.path)
            return redirect("editing:edit", record.pk)
        if "ask" in request.POST and record.takes_contributions:
            return redirect("workflow:contribution_ask", record.pk)
        if place := request.POST.get("open_item"):
            return self._open_item(request, record, place)
        if asked := request.POST.get("contribution"):
            return self._contribution(request, record, *asked.partition("-")[::2])
        if "preview" in request.POST:
            messages.success(request, "草稿已保存。", extra_tags=request.path)
            return redirect(form.preview_url())
        # Without a script, 添加 saves and comes back with one more row.
        wanted = request.POST.get("add", "")
        if wanted and count_rows(request.POST) >= MOST_ROWS_IN_ALL:
            wanted = ""
            messages.warning(request, f"一张表单合计最多 {MOST_ROWS_IN_ALL} 行，不能再添加。")
        form = self.form_class(record)(instance=_reload(record), blank=wanted)
        return self._page(request, form.instance, form, problems=_known_problems(form.instance))

    def _open_item(self, request: AuthenticatedRequest, record: Record, place: str) -> HttpResponse:
        """另行要求打开: what was typed is saved before."""
        place, words = request.POST.get("open_place", place), clean_text(request.POST.get("open_words", ""))
        try:
            actions.open_item(
                record.pk, request.user, record.version, place, words[:OPEN_WORDS], address=client_address(request)
            )
            messages.success(request, "已打开，上报时连同理由一并报送审核人员。", extra_tags=request.path)
        except refusals.ActionRefused as refusal:
            messages.error(request, str(refusal))
        return redirect(f"{reverse('editing:edit', args=[record.pk])}#opened")

    def _contribution(self, request: AuthenticatedRequest, record: Record, name: str, pk: str) -> HttpResponse:
        """采用 and the like: what was typed is saved before."""
        try:
            done = contributions.step(record, request.user, name, parse_pk(pk))
            messages.success(request, done, extra_tags=request.path)
        except refusals.ActionRefused as refusal:
            messages.error(request, str(refusal))
        return redirect(f"{reverse('editing:edit', args=[record.pk])}#id_contributions")

    @actions.locking()
    def _unchanged(self, request: AuthenticatedRequest, record: Record) -> None:
        """Raises ActionRefused when the record is not what this page showed, or not to be edited any more."""
        if record.pk:
            actions.lock_editable_at(record.pk, request.user, _version(request))

    def _restore(self, request: AuthenticatedRequest, record: Record) -> HttpResponse:
        """What the person's own browser kept (static/js/copies.js), or what their table says: in the form, and not
        saved yet.
        """
        form_class = self.form_class(record)
        data = form_class.posted_data(record, request.POST)
        if (rows := count_rows(data)) > MOST_ROWS_IN_ALL:
            return too_many_rows(request, rows)
        try:
            self._unchanged(request, record)
        except refusals.ActionRefused as refusal:
            return self._conflict(request, record, refusal, data)
        form = form_class(data, instance=record)
        form.is_valid()
        return self._page(request, record, form, restored=data is request.POST, filled_in=data is not request.POST)

    def _submit(self, request: AuthenticatedRequest, record: Record) -> HttpResponse:
        try:
            actions.perform(record.pk, "submit", request.user, record.version, address=client_address(request))
        except refusals.Incomplete as incomplete:
            form = self._fresh(record)
            form.show(incomplete.problems)
            return self._page(request, form.instance, form, problems=incomplete.problems, quiet=False, status=422)
        except refusals.ActionRefused as refusal:
            return self._conflict(request, record, refusal)
        messages.success(request, f"已上报，等待{record.department}审核人员审核。", extra_tags=request.path)
        return redirect("workflow:record", record.pk)

    def _autosave(self, request: AuthenticatedRequest, record: Record) -> HttpResponse:
        """JSON for the page's own saving: the new version and the ids of new rows, or why nothing was saved."""
        try:
            form, exists, _ = self._write(request, record)
        except refusals.ActionRefused as refusal:
            if isinstance(refusal, refusals.Gone):
                return not_saved(request, refusal, 404)
            return JsonResponse(
                {"message": self._sentence(refusal)}, status=503 if isinstance(refusal, refusals.Busy) else 409
            )
        begun = {"addresses": _addresses(form.instance)} if exists and "key" in self.kwargs else {}
        if not form.is_valid():
            return JsonResponse(begun | {"message": "有内容填写有误，改正后才能自动保存。"}, status=422)
        if not exists:
            return JsonResponse({"version": 0, "ids": {}, "message": "", "problems": [], "parts": []})
        saved = self._fresh(form.instance)
        problems = saved.instance.problems()
        return JsonResponse(
            begun
            | {
                "version": saved.instance.version,
                "ids": form.ids(),
                "message": f"草稿已于 {timezone.localtime(clock.now()):%H:%M} 自动保存",
                "problems": [asdict(problem) for problem in form.located(problems, saved)],
                "parts": [asdict(part) for part in saved.parts(problems)],
                "advice": saved.advice(request.user),
            }
        )

    @actions.locking()
    def _write(self, request: AuthenticatedRequest, record: Record) -> tuple[RecordForm, bool, list[Problem]]:
        """The bound form, saved if it is valid; whether its record is there then; and if it was to be submitted and is
        not valid, what it lacks besides.

        A page of nothing but what it opened with begins no record by saving itself, unless it says so (`begin`).
        Raises ActionRefused when somebody was quicker.
        """
        found = record if record.pk else self._begin()
        form = self._bound(request, found.pk, self.form_class(record), touch="autosave" not in request.POST)
        missing = also_missing(form) if "submit" in request.POST and not form.is_valid() else []
        exists = bool(record.pk or form.instance.version or "begin" in request.POST)
        if not exists:
            transaction.set_rollback(True)
        return form, exists, missing

    @actions.locking()
    def _missing_untouched(self, request: AuthenticatedRequest, record: Record) -> list[Problem]:
        """What a page to be submitted lacks, where it holds nothing but what it opened with: that begins no record."""
        if "submit" not in request.POST or request.FILES or request.POST.get("classified_title"):
            return []
        begun = self._begin()
        if begun.version:  # by a click that was quicker
            return []
        form = self._bound(request, begun.pk, self.form_class(record), touch=False)
        is_untouched = form.is_valid() and not form.instance.version
        missing = list(_reload(form.instance).problems()) if is_untouched else []
        transaction.set_rollback(True)
        return missing

    @staticmethod
    def _bound(request: AuthenticatedRequest, pk: int, form_class: type[RecordForm], *, touch: bool) -> RecordForm:
        """The bound form of the locked record, saved if it is valid. Raises ActionRefused."""
        record = actions.lock_editable_at(pk, request.user, _version(request))
        form = form_class(request.POST, instance=record)
        if form.is_valid():
            form.save(touch=touch, person=request.user)
        return form

    def _conflict(
        self,
        request: AuthenticatedRequest,
        record: Record,
        refusal: refusals.ActionRefused,
        data: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """Both texts side by side; saving again, having seen both, goes over the newer one."""
        data = request.POST if data is None else data
        if isinstance(refusal, refusals.Gone):
            return not_saved(request, refusal, 404)
        if isinstance(refusal, refusals.Busy):
            form = self.form_class(record)(data, instance=_reload(record))
            form.is_valid()
            return self._page(request, form.instance, form, busy=refusal, status=503)
        latest = _reload(record)
        typed = data.copy() if isinstance(data, QueryDict) else {**data}
        typed["version"] = str(latest.version)
        form = self.form_class(record)(typed, instance=_reload(record))
        form.is_valid()
        return self._page(
            request,
            latest,
            form,
            conflict=self._sentence(refusal),
            editable=rules.may_edit(latest, request.user),
            current=latest.marked_content(),
            status=409,
        )

    def _sentence(self, refusal: refusals.ActionRefused) -> str:
        if "key" in self.kwargs and isinstance(refusal, refusals.StaleVersion):
            return "这一事项已经开始填报，请核对最新内容后再操作。"
        return str(refusal)

    def _page(
        self,
        request: AuthenticatedRequest,
        record: Record,
        form: RecordForm,
        *,
        problems: Sequence[Problem] = (),
        quiet: bool = True,
        status: int = 200,
        editable: bool = True,
        **context: Any,
    ) -> HttpResponse:
        """`quiet`: nobody has asked for 上报 yet, so what it would need is said without alarm."""
        context |= {
            "quiet": quiet,
            "record": record,
            "form": form,
            "problems": problems,
            "parts": form.parts(form.input_errors() or problems),
            "editable": editable,
            "address": _addresses(record)["edit"] if record.pk else request.path,
            "token": "" if record.pk else _token(request) or secrets.token_urlsafe(16),
            "may_discard": rules.may_discard(record, request.user),
            "most_rows": MOST_ROWS_IN_ALL,
            "kind_name": record._meta.model_name,
            "body": f"{record.template_folder}/_body.html",
        }
        evidence = files.editing_context(record, context.get("file_problems", ()))
        context |= sent_back_context(record) | evidence | contributions.editing_context(record)
        return render(request, f"{record.template_folder}/form.html", context, status=status)

    def _fresh(self, record: Record) -> RecordForm:
        return self.form_class(record)(instance=_reload(record))


def _addresses(record: Record) -> dict[str, str]:
    """Where the page of this record sends what."""
    names = {"edit": "editing:edit"} | {name: f"workflow:{name}" for name in ("upload", "classified", "discard")}
    return {name: reverse(view, args=[record.pk]) for name, view in names.items()}


def _token(request: HttpRequest) -> str | None:
    """What tells a page of something not begun yet from others, or None."""
    token = request.POST.get("token", "")
    return token if re.fullmatch(r"[A-Za-z0-9_-]{22}", token) else None


def _already_submitted(request: AuthenticatedRequest, record: Record) -> bool:
    """A second click on 保存并上报: the first one saved and submitted (a version each), and nobody acted since."""
    before = _version(request)
    return (
        "submit" in request.POST
        and record.version == before + 2
        and record.events.filter(actor=request.user, action="submit", version=before + 1).exists()
    )


def _known_problems(record: Record) -> list[Problem]:
    """What stands in the way of 上报; a form never saved has nothing to complain of yet."""
    return record.problems() if record.version else []


def _reload(record: Record) -> Record:
    if record.pk is None:
        return record
    return type(record).objects.select_related("dossier__department").get(pk=record.pk)


def _version(request: HttpRequest) -> int:
    return parse_pk(request.POST.get("version", ""))


def _find(request: AuthenticatedRequest, pk: int) -> Record:
    try:
        return Record.seen_by(request.user, pk)
    except ObjectDoesNotExist as error:  # not there, or discarded between the two questions
        raise Http404 from error
