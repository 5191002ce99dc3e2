"""Signing in and out, the way back after a lost session, and one's own profile."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET
from django.views.defaults import permission_denied
from django.views.generic import TemplateView

from accounts import history, pending_post, second_factor
from accounts.audit.entries import Action, Result
from accounts.audit.writing import write
from accounts.forms import LoginForm, PasswordForm
from accounts.models import User
from accounts.phones import mask, normalise


class Login(LoginView):
    """The login page; asked for JSON, the login in place that a page with unsaved text makes."""

    template_name = "accounts/login.html"
    form_class = LoginForm

    def get(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        if "person" in self.request.POST:
            # In place, only the person whose page it is, and who was last signed in here, gives the password again.
            person = User.objects.filter(pk=pending_post.last_person(self.request)).first()
            same = person and str(person.pk) == self.request.POST["person"]
            kwargs["data"] = {**self.request.POST.dict(), "username": person.phone if same else ""}
        return kwargs

    def form_valid(self, form):
        response = super().form_valid(form)
        user = form.get_user()
        write(user, Action.SIGN_IN)
        self.request.session["signed_in_at"] = timezone.now().timestamp()
        if pending_post.wants_json(self.request):
            is_due = not user.password_is_due and second_factor.is_due(self.request)
            response = JsonResponse(
                {"csrf": get_token(self.request), "password_due": user.password_is_due, "code_due": is_due}
            )
        elif kept := pending_post.unseal(self.request.POST.get("kept", ""), user):
            self.request.session["kept"] = kept
            response = redirect("accounts:resume")
        elif self.request.POST.get("kept"):
            messages.warning(self.request, "此前未提交的内容不是用这个账号填写的，或者已超过时限，没有保留。")
        pending_post.remember_person(response, user)
        return response

    def form_invalid(self, form):
        status = 429 if form.is_locked else 503 if form.is_busy else 400
        typed = normalise(form.data.get("username", ""))
        if not form.is_busy:
            result = Result.DENIED if form.is_locked else Result.FAILED
            write(None, Action.SIGN_IN, f"账号 {mask(typed)}", result=result)
        if pending_post.wants_json(self.request):
            if "username" in form.errors:
                problem = "本浏览器已换用其他账号登录，请在新窗口用原账号重新登录后再继续。"
            else:
                problem = "".join(problem for problems in form.errors.values() for problem in problems)
            return JsonResponse({"problem": problem}, status=status)
        context = self.get_context_data(form=form, kept=self.request.POST.get("kept"))
        return self.render_to_response(context, status=None if status == 400 else status)


def sign_in_to_continue(request):
    """The login page instead of what was posted without a session, carrying along what was posted."""
    kept = pending_post.collect(request)
    person = User.objects.filter(pk=pending_post.last_person(request)).first()
    sealed = pending_post.seal(kept, person and person.pk) if kept else None
    if sealed and len(sealed) > pending_post.MAX_SEALED:
        kept = sealed = None
    context = {
        "form": LoginForm(request),
        "expired": True,
        "kept": sealed,
        "lost": not kept and bool(set(request.POST) - pending_post.UNTOUCHED),
        "last_phone": person and person.masked_phone,
        # Back to where the form was; the address that took it may not answer to a plain visit.
        "next": request.headers.get("Referer", "").partition(request.get_host())[2],
    }
    return render(request, Login.template_name, context, status=401)


@require_GET
def resume(request):
    """Offers what was kept for sending again, with a fresh token. Files have to be chosen again."""
    kept = request.session.get("kept")
    if kept is None:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/resume.html", {"kept": kept})


def csrf_failure(request, reason=""):
    """A page older than the last login sends a token that no longer fits.

    The browser vouches for our own pages by their Origin; from those, what was typed is offered for sending again.
    """
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if pending_post.wants_json(request):
        return JsonResponse({"problem": "页面已过期，请刷新后重试。", "csrf": get_token(request)}, status=403)
    if not ours:
        return permission_denied(request, None, template_name="403_csrf.html")
    if not request.user.is_authenticated:
        return sign_in_to_continue(request)
    kept = pending_post.collect(request)
    if kept is None:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/resume.html", {"kept": kept}, status=403)


@login_not_required
@require_GET
def session(request):
    """Whether this browser is still signed in (without prolonging it), and the token that its forms need now."""
    status = 200 if request.user.is_authenticated else 401
    return JsonResponse({"csrf": get_token(request), "person": request.user.pk}, status=status)


@login_not_required
def bookmarked_login(request):
    query = urlencode({"next": request.GET["next"]}) if "next" in request.GET else ""
    return redirect(f"{reverse_lazy('accounts:login')}?{query}".rstrip("?"))


@method_decorator(login_not_required, name="dispatch")
class Logout(LogoutView):
    def post(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            write(request.user, Action.SIGN_OUT)
        response = super().post(request, *args, **kwargs)
        pending_post.forget_person(response)
        return response


class Profile(TemplateView):
    template_name = "accounts/profile.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        duties = user.entrustments.select_related("content_object", "permission").order_by("content_object")
        return super().get_context_data(duties=duties, gives_code=second_factor.is_needed(user), **kwargs)


class PasswordChange(PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = PasswordForm
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form):
        forced = self.request.user.password_is_due
        user = form.save()
        update_session_auth_hash(self.request, user)
        history.log(user, user, CHANGE, "本人修改密码")
        messages.success(self.request, "密码已修改，其他设备上的登录已退出。")
        if "kept" in self.request.session:
            return redirect("accounts:resume")
        return redirect(settings.LOGIN_REDIRECT_URL if forced else self.success_url)
