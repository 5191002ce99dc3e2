"""The answers when something of ours does not work, and what was typed all the same.

They ask neither the database nor, if that fails too, the templates.
"""

import logging
import sys
from errno import EDQUOT, ENOSPC

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.views import defaults

from accounts import pending_post
from accounts.waiting import BUSY, UNREACHABLE, NoTurn, unreachable, waited_in_vain

logger = logging.getLogger(__name__)

NO_ROOM = "服务器存储空间不足，附件没有保存，请联系系统管理员。"

PLAIN = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{sentence}</title></head>
<body><h1>{sentence}</h1><p>请返回上一页，稍后再试。</p></body></html>
"""


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles the exception."""
    error = sys.exc_info()[1]
    if isinstance(error, DatabaseError | InterfaceError | NoTurn) and (answer := without_database(request, error)):
        return answer
    if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):  # while the request itself was being stored
        if pending_post.wants_json(request):
            return JsonResponse({"problem": NO_ROOM}, status=507)
        return _page("507.html", NO_ROOM, 507, {"sentence": NO_ROOM})
    if pending_post.wants_json(request):
        return JsonResponse({"problem": "系统暂时出了问题，请稍后再试。"}, status=500)
    return _page("500.html", "系统暂时出了问题", 500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is more text than a form may bring, or more fields, says so; Django stops reading there."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
    too_much: dict[type[Exception], str] = {
        RequestDataTooBig: f"一次提交的文字合计最多 {most} MB，请减少后分几次提交。",
        TooManyFieldsSent: f"一次提交最多 {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} 个填写项，请减少后分几次提交。",
    }
    sentence = too_much.get(type(exception))
    if sentence is None:
        return defaults.bad_request(request, exception)
    if pending_post.wants_json(request):
        return JsonResponse({"problem": sentence}, status=413)
    return render(request, "413.html", {"sentence": sentence, "known": True}, status=413)


def without_database(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """For a lock that could not be had and a database that does not answer; None if it is neither."""
    if not waited_in_vain(error) and not unreachable(error):
        return None
    sentence = BUSY if waited_in_vain(error) else UNREACHABLE
    if pending_post.wants_json(request):
        answer: HttpResponse = JsonResponse({"problem": sentence}, status=503)
    else:
        kept, lost = _typed(request)
        context = {"sentence": sentence, "kept": kept, "lost": lost, "csrf_token": get_token(request)}
        answer = _page("503.html", sentence, 503, context)
    answer["Retry-After"] = "10"
    return answer


def _typed(request: HttpRequest) -> tuple[dict | None, bool]:
    """What was typed, if it came from one of our own pages; and whether something had to be left out."""
    if request.method != "POST":
        return None, False
    passed = getattr(request, "csrf_processing_done", False)
    ours = passed or request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    try:
        request.resolver_match = request.resolver_match or resolve(request.path_info)
        kept = pending_post.collect(request) if ours else None
    except (Resolver404, SuspiciousOperation, MultiPartParserError, OSError):
        return None, True
    is_sign_in = request.resolver_match.view_name in pending_post.NEVER_FROM
    return kept, kept is None and not is_sign_in


def _page(template: str, sentence: str, status: int, context: dict | None = None) -> HttpResponse:
    try:
        return HttpResponse(render_to_string(template, context), status=status)
    except Exception:  # whatever it is, for instance no list of static files: this is the last who can answer
        logger.exception("%s cannot be shown", template)
        return HttpResponse(PLAIN.format(sentence=sentence.rstrip("。")), status=status)
