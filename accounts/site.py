"""The admin as this product offers it: our login, our password rules, and not even a hint for strangers."""

from functools import wraps

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse


class Site(admin.AdminSite):
    site_title = "市级重大改革项目管理系统"
    site_header = "市级重大改革项目管理系统"
    index_title = "后台管理"
    empty_value_display = "—"
    enable_nav_sidebar = False  # the product's own navigation stands there

    def has_permission(self, request):
        if request.user.is_authenticated and not request.user.is_staff:
            raise Http404
        return super().has_permission(request)

    def admin_view(self, view, cacheable=False):
        """A page that is not yours answers like one that does not exist, and so does a number that no row can have."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def inner(request, *args, **kwargs):
            try:
                return guarded(request, *args, **kwargs)
            except (PermissionDenied, OverflowError) as refusal:
                raise Http404 from refusal

        return inner

    def get_log_entries(self, request):
        """Of what this person may open here: each is shown as a link to its thing."""
        from django.contrib.contenttypes.models import ContentType  # the models are not ready when the site is made

        seen = [model for model, its_admin in self._registry.items() if its_admin.has_view_permission(request)]
        types = ContentType.objects.get_for_models(*seen).values()
        return super().get_log_entries(request).filter(content_type__in=types)

    @login_not_required
    def login(self, request, extra_context=None):
        if self.has_permission(request):
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def logout(self, request, extra_context=None):
        from accounts.views.session import Logout  # views need the models, which are not ready when the site is made

        return Logout.as_view()(request)

    def password_change(self, request, extra_context=None):
        return redirect("accounts:password_change")

    def password_change_done(self, request, extra_context=None):
        return redirect("accounts:profile")
