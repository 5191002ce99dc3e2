"""动态口令, after the password: set up at the first login, given at each further one."""

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts import history
from accounts import second_factor as factor
from accounts.audit.entries import Action, Result
from accounts.audit.writing import write
from accounts.forms import CodeForm, NewCodeForm, RenewalForm
from accounts.requests import AuthenticatedRequest

KEY = "code_key"  # in the session, until it is confirmed
FEW = 3  # recovery codes


@require_http_methods(["GET", "POST"])
def second_factor(request: AuthenticatedRequest) -> HttpResponse:
    if not factor.is_needed(request.user):
        raise Http404
    if not factor.is_due(request):
        return redirect(_next(request))
    return _verify(request) if factor.is_set_up(request.user) else _set_up(request)


def _verify(request):
    form = CodeForm(request, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, form, "accounts/second_factor.html", {"next": _next_url(request)})
    factor.pass_on(request)
    write(request.user, Action.SIGN_IN, form.kind)
    left = factor.recovery_codes_left(request.user)
    if form.kind == "恢复码" and left <= FEW:
        remaining = f"恢复码还有 {left} 个" if left else "恢复码已经用完"
        messages.warning(request, f"{remaining}，请在个人中心凭动态口令重新生成；手机遗失的，请联系安全管理员重置。")
    return redirect(_next(request))


def _set_up(request):
    key = request.session.setdefault(KEY, factor.new_key())
    form = NewCodeForm(request.user, key, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "offer": factor.Offer(request.user, key), "next": _next_url(request)}
        return render(request, "accounts/second_factor_new.html", context, status=422 if form.is_bound else 200)
    del request.session[KEY]
    factor.pass_on(request)
    history.log(request.user, request.user, CHANGE, "绑定动态口令")
    return render(
        request, "accounts/recovery_codes.html", {"codes": form.codes, "next": _next(request), "is_first": True}
    )


@require_http_methods(["GET", "POST"])
def recovery_codes(request: AuthenticatedRequest) -> HttpResponse:
    user = request.user
    if not factor.is_needed(user):
        raise Http404
    form = RenewalForm(request, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        left = factor.recovery_codes_left(user)
        return _ask(request, form, "accounts/recovery_codes_renew.html", {"left": left})
    codes = factor.renew_recovery_codes(user)
    history.log(user, user, CHANGE, "重新生成恢复码")
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "next": reverse("accounts:profile")})


def _ask(request, form, template, context):
    """The page that asks for a code, perhaps again."""
    status = 200
    if form.is_bound:
        write(request.user, Action.SIGN_IN, "动态口令", result=Result.DENIED if form.is_locked else Result.FAILED)
        status = 429 if form.is_locked else 422
    return render(request, template, {"form": form, **context}, status=status)


def _next_url(request):
    """Where the person wanted to go."""
    return request.POST.get("next") or request.GET.get("next", "")


def _next(request):
    if "kept" in request.session:
        return reverse("accounts:resume")
    asked = _next_url(request)
    fine = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if fine else settings.LOGIN_REDIRECT_URL
