"""What holds for every page: who may see it at all, for how long, and that no cache keeps it."""

import codecs
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.db import DatabaseError, InterfaceError
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import pending_post, second_factor
from accounts.addresses import administers_here, client_address
from accounts.audit.entries import Action, Result
from accounts.audit.writing import coming_from, write
from accounts.large_bodies import NoFiles, check_of
from accounts.waiting import NoTurn

OPEN_WITH_DUE_PASSWORD = {"accounts:password_change", "accounts:logout"}
OPEN_WITH_DUE_CODE = {"accounts:second_factor", "accounts:logout"}


class SessionLimitsMiddleware:
    """Ends a session after its absolute age; the idle limit is the session's own age, renewed by each use."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            now = timezone.now()
            began = request.session.setdefault("signed_in_at", now.timestamp())
            hours = settings.SESSION_ABSOLUTE_HOURS
            if request.user.is_display:  # nobody stands before it to sign in again, and it reads one page
                hours = settings.DISPLAY_SESSION_HOURS
                request.session.set_expiry(timedelta(hours=hours))  # whatever breaks on the way to it meanwhile
            if now.timestamp() - began >= timedelta(hours=hours).total_seconds():
                write(request.user, Action.SIGN_OUT, after={"原因": f"登录已满{hours}小时"})
                logout(request)
        kept = request.session.get("kept") if request.user.is_authenticated else None
        response = self.get_response(request)
        # Whether a page that lies open still has its session must be answered without prolonging it.
        match = request.resolver_match
        if request.user.is_authenticated and (match is None or match.view_name != "accounts:session"):
            request.session.modified = True
            delivered = kept and request.method == "POST" and request.get_full_path() == kept["path"]
            if delivered and response.status_code < 400 and not second_factor.bars(request):
                request.session.pop("kept", None)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        return response


class LoginAndPasswordMiddleware(LoginRequiredMiddleware):
    """Nobody unknown, and nobody whose password or code is due, gets past; what they were sending is kept for them."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        if request.resolver_match.app_name == "admin" and not administers_here(request):
            raise Http404
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal or not request.user.is_authenticated:
            return refusal
        name = request.resolver_match.view_name
        if request.user.password_is_due:
            if name in OPEN_WITH_DUE_PASSWORD:
                return None
            if pending_post.wants_json(request):
                return JsonResponse({"problem": "请先修改密码。", "password_due": True}, status=403)
            pending_post.keep_in_session(request)
            return redirect("accounts:password_change")
        if not second_factor.is_due(request) or name in OPEN_WITH_DUE_CODE:
            return None
        if pending_post.wants_json(request):
            return JsonResponse({"problem": "请先验证动态口令。", "code_due": True}, status=403)
        pending_post.keep_in_session(request)
        if request.method != "GET":
            return redirect("accounts:second_factor")
        return redirect_to_login(request.get_full_path(), reverse("accounts:second_factor"))

    def handle_no_permission(self, request, view_func):
        if pending_post.wants_json(request):
            return JsonResponse({"problem": "登录已过期，请重新登录。"}, status=401)
        if request.method == "POST":
            # Imported here: views need the models, which are not ready when middleware is named.
            from accounts.views.session import sign_in_to_continue

            return sign_in_to_continue(request)
        return super().handle_no_permission(request, view_func)


class BodySizeMiddleware:
    """Refuses what is too large before anything reads it: the check of the token would already store its files."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        sent = request.META.get("CONTENT_LENGTH", "")
        size = int(sent) if sent.isdecimal() else 0
        if size <= settings.BODY_MAX_OF_STRANGERS or (size <= settings.BODY_MAX and request.user.is_authenticated):
            return self.get_response(request)
        known = request.user.is_authenticated
        if known:
            sentence = f"一次提交的内容和附件合计最多 {settings.BODY_MAX // 1024 // 1024} MB，请减少后分几次提交。"
        else:
            sentence = "登录已过期，请重新登录。"
        if pending_post.wants_json(request):
            return JsonResponse({"problem": sentence}, status=413 if known else 401)
        return render(request, "413.html", {"sentence": sentence, "known": known}, status=413)


class FilesPermissionMiddleware:
    """Refuses files that this person may not send here before they are stored: the check of the token reads them.

    Hence it stands before CsrfViewMiddleware. What strangers send is small: see BodySizeMiddleware.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        sent = request.META.get("CONTENT_LENGTH", "")
        is_large = sent.isdecimal() and int(sent) > settings.BODY_MAX_OF_STRANGERS
        if not is_large or request.content_type != "multipart/form-data" or not request.user.is_authenticated:
            return None
        check = check_of(view_func)
        if check is None:
            request.upload_handlers = [NoFiles(request)]
            return None
        if not request.user.password_is_due and check(request, **view_kwargs):
            return None
        sentence = "这里现在不接收您上传的文件，文件没有保存。"
        if pending_post.wants_json(request):
            return JsonResponse({"problem": sentence}, status=403)
        return render(request, "413.html", {"sentence": sentence, "known": True}, status=403)


class CharsetMiddleware:
    """Answers 400 to what is sent in another charset than this product's pages have: reading it would be a guess."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        charset = request.content_params.get("charset")
        if charset is None:
            return self.get_response(request)
        request.encoding = "utf-8"  # Django takes a form under no other spelling, and the page below reads by it
        if _is_utf8(charset):
            return self.get_response(request)
        if pending_post.wants_json(request):
            return JsonResponse({"problem": "提交的内容编码不是 UTF-8，无法处理。"}, status=400)
        return render(request, "400.html", status=400)


def _is_utf8(charset):
    try:
        return codecs.lookup(charset).name in ("utf-8", "ascii")
    except (LookupError, ValueError):
        return False


class AuditMiddleware:
    """Tells the audit log where requests come from, and writes what was refused to somebody who has signed in.

    A form that leads on, by a page which writes no entry of its own, leaves one with its address: taken, or not where
    the next page is to say why.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with coming_from(client_address(request)) as visit:
            response = self.get_response(request)
            match = request.resolver_match
            if match is None or not request.user.is_authenticated:
                return response
            is_form, status = request.method == "POST", response.status_code
            action = Action.SEND if is_form else Action.VISIT
            if status in (403, 404):
                write(request.user, action, request.path, result=Result.DENIED, after={"状态码": status})
            elif is_form and not visit.is_logged and status == 409:
                write(request.user, action, request.path, result=Result.FAILED, after={"状态码": status})
            elif is_form and not visit.is_logged and status == 302 and not second_factor.bars(request):
                refusal = _refusal(request)
                result = Result.FAILED if refusal else Result.DONE
                write(request.user, action, request.path, result=result, after={"原因": refusal} if refusal else None)
            return response


def _refusal(request):
    """What this request put in for the next page to say, if that is no good news; reading it takes nothing away."""
    queued = get_messages(request)._queued_messages  # the rest are those of earlier pages
    return "；".join(message.message for message in queued if message.level >= messages.WARNING)


class MethodNotAllowedPageMiddleware:
    """An address that takes forms alone, opened like a page (a bookmark, the address bar), answers in words."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class BusyPageMiddleware:
    """A lock or turn that could not be had, or no database, answers in words where the view does nothing better.

    What fails outside of views ends in the handler for errors, with the same words.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, DatabaseError | InterfaceError | NoTurn):
            return None
        # Imported here: views need the models, which are not ready when middleware is named.
        from accounts.views.unavailable import without_database

        return without_database(request, exception)
