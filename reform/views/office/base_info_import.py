"""项目基础信息 by Excel: upload, see every change, confirm."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import AuthenticatedRequest
from accounts.views import office
from reform.excel import CONTENT_TYPE, MOST_ROWS, Unreadable
from reform.imports import workbook
from reform.imports.preview import carry_out, preview
from reform.models import PendingImport
from workflow.actions import Busy

from .base_info import BaseInfos

MOST_SHOWN = 100  # problems
may_import = office.permitted("reform.add_project", "reform.change_project")


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Excel 文件（.xlsx）",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": "请选择文件。",
            "empty": "文件是空的，请重新选择。",
            "max_length": "文件名过长，请改短后再选择。",
        },
    )

    def clean_file(self):
        try:
            self.dataset = workbook.read(self.cleaned_data["file"])
        except Unreadable as error:
            raise forms.ValidationError(list(error.problems)) from error
        return self.cleaned_data["file"]


class MovesForm(forms.Form):
    moves = forms.BooleanField(
        label="确认变更责任单位", error_messages={"required": "请核对要变更责任单位的项目，确认无误后勾选。"}
    )


@may_import
@require_http_methods(["GET", "POST"])
def upload(request: AuthenticatedRequest) -> HttpResponse:
    """Takes a workbook and leads to its preview; one with problems is not kept."""
    if request.method == "GET":
        return _upload_page(request, UploadForm(), pending=PendingImport.objects.filter(user=request.user).first())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, form)
    if problems := preview(form.dataset).problems:
        return _upload_page(request, form, problems)
    PendingImport.keep(request.user, form.cleaned_data["file"].name, form.dataset)
    return redirect("reform:base_info_preview")


def _upload_page(request, form, problems=(), pending=None):
    context = BaseInfos().page() | {
        "form": form,
        "pending": pending,
        "problems": problems[:MOST_SHOWN],
        "more": max(0, len(problems) - MOST_SHOWN),
        "columns": workbook.COLUMNS,
        "most_rows": MOST_ROWS,
    }
    return render(request, "office/base_info_import.html", context, status=422 if form.errors or problems else 200)


@may_import
@require_http_methods(["GET", "POST"])
def confirm(request: AuthenticatedRequest) -> HttpResponse:
    """The preview of what this person has uploaded; 确认导入 carries out what it shows."""
    pending = PendingImport.objects.filter(user=request.user).first()
    if pending is None:
        return _nothing_waits(request)
    if request.method == "GET":
        return _preview_page(request, pending, preview(pending.dataset))
    token = request.POST.get("token", "")
    try:
        shown, done = carry_out(request.user, token, moves_accepted="moves" in request.POST)
    except PendingImport.DoesNotExist:  # confirmed or given up a moment ago
        return _nothing_waits(request)
    except Busy as busy:
        messages.error(request, str(busy))
        return _preview_page(request, pending, preview(pending.dataset), status=503)
    if done:
        messages.success(
            request,
            f"已导入：新增 {len(shown.added)} 个项目，修改 {len(shown.changed)} 个，{shown.same_count} 个没有变化。",
        )
        return redirect("reform:base_infos")
    if shown.token != token:
        messages.warning(request, "没有导入：预览之后内容又有变化。以下是按现有内容重新比较的结果，请核对后再确认。")
        return _preview_page(request, pending, shown, status=409)
    return _preview_page(request, pending, shown, MovesForm(request.POST), status=422)


def _nothing_waits(request):
    messages.info(request, "没有等待确认的导入，请选择文件。")
    return redirect("reform:base_info_import")


def _preview_page(request, pending, shown, moves=None, status=200):
    if shown.problems:
        return _upload_page(request, UploadForm(), shown.problems)
    context = BaseInfos().page() | {"pending": pending, "preview": shown, "moves": moves or MovesForm()}
    return render(request, "office/base_info_preview.html", context, status=status)


@may_import
@require_POST
def give_up(request: AuthenticatedRequest) -> HttpResponse:
    PendingImport.objects.filter(user=request.user).delete()
    messages.info(request, "已放弃导入，没有改动任何内容。")
    return redirect("reform:base_infos")


@may_import
@require_safe
def template(request: AuthenticatedRequest) -> HttpResponse:
    return HttpResponse(
        workbook.template(),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": content_disposition_header(True, "项目基础信息导入模板.xlsx")},
    )
