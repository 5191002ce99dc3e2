"""The pages of the office's own data: a list, a form for one thing, its deletion, and who may open them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import django_filters
from django.contrib import messages
from django.contrib.admin.models import DELETION
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Max, Model, ProtectedError, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import history
from accounts.addresses import administers_here
from accounts.listing import list_context
from accounts.models import User
from accounts.requests import AuthenticatedRequest
from accounts.tracked_forms import TrackedForm, save
from accounts.waiting import BUSY, NoTurn, waited_in_vain

MOST_ENTRIES = 50  # of the history, on one page


def permitted(*permissions: str) -> Callable:
    """For those who have all of these permissions; for others the page does not exist.

    What is about accounts, departments or the audit log does not exist outside of ADMIN_ADDRESSES either.
    """
    is_administration = any(permission.startswith("accounts.") for permission in permissions)

    def decorate(view):
        @wraps(view)
        def inner(request, *args, **kwargs):
            if not request.user.has_perms(permissions) or (is_administration and not administers_here(request)):
                raise Http404
            return view(request, *args, **kwargs)

        return inner

    return decorate


class Pages:
    """Of one model: the list, the page to add one, the page of one, and its deletion if `deletable`.

    The addresses are called `names`, `name`_add, `name` and `name`_delete; the templates are office/<names>.html and
    office/<name>.html.
    """

    model: type[Model]
    form: type[TrackedForm]
    filter: type[django_filters.FilterSet]
    room: str  # the namespace of the addresses
    name: str
    names: str
    title: str
    add_title: str
    deletable = False

    # --- What a kind may say otherwise ------------------------------------------------------------

    def rows(self) -> QuerySet:
        return self.model._default_manager.all()

    def chosen(self, request: AuthenticatedRequest) -> django_filters.FilterSet:
        """The rows of the list, as they were narrowed."""
        return self.filter(request.GET, self.rows())

    def new(self, request: AuthenticatedRequest) -> Model:
        return self.model()

    def load(self, pk: int, *, lock: bool) -> Model:
        """The thing; with what has to be locked while it is saved, inside that transaction."""
        rows = self.rows()
        return get_object_or_404(rows.select_for_update(of=("self",)) if lock else rows, pk=pk)

    def form_for(self, user: User, obj: Any) -> type[TrackedForm]:
        return self.form

    def context(self, request: AuthenticatedRequest, obj: Model) -> dict[str, Any]:
        """What the page of one thing shows beside its form."""
        return {}

    def saved(self, request: AuthenticatedRequest, form: TrackedForm) -> None:
        """Runs in the transaction that has saved it."""

    def may_be_deleted(self, obj: Any) -> bool:
        return self.deletable

    # --- The views --------------------------------------------------------------------------------

    def urls(self, prefix: str, folder: str = "") -> list[URLPattern]:
        """The list at this prefix, the things in a folder below it."""
        things = prefix + folder
        found = [
            path(prefix, self._for("change", require_safe(self.list)), name=self.names),
            path(f"{things}add/", self._for("add", self._form_view(self.add)), name=f"{self.name}_add"),
            path(f"{things}<key:pk>/", self._for("change", self._form_view(self.change)), name=self.name),
        ]
        if self.deletable:
            delete = self._for("delete", require_POST(self.delete))
            found.append(path(f"{things}<key:pk>/delete/", delete, name=f"{self.name}_delete"))
        return found

    def _for(self, verb, view):
        return permitted(f"{self.model._meta.app_label}.{verb}_{self.model._meta.model_name}")(view)

    def _form_view(self, view):
        return require_http_methods(["GET", "POST"])(view)

    @property
    def list_url(self) -> str:
        return reverse(f"{self.room}:{self.names}")

    def page(self) -> dict[str, Any]:
        """What every page of them shows."""
        return {"list_title": self.title, "list_url": self.list_url, "add_title": self.add_title}

    def list(self, request: AuthenticatedRequest) -> HttpResponse:
        return render(request, f"office/{self.names}.html", self.page() | list_context(request, self.chosen(request)))

    def add(self, request: AuthenticatedRequest) -> HttpResponse:
        return self._edit(request, lambda _: self.new(request))

    def change(self, request: AuthenticatedRequest, pk: int) -> HttpResponse:
        return self._edit(request, lambda lock: self.load(pk, lock=lock))

    def _edit(self, request, load):
        """Shows the form, or saves it and leads to the page of what was saved."""
        data, status = request.POST if request.method == "POST" else None, 200
        try:
            with transaction.atomic():
                obj = load(data is not None)
                title = "" if obj._state.adding else str(obj)
                form = self.form_for(request.user, obj)(data, instance=obj)
                if form.is_valid() and self._save(request, form):
                    return redirect(f"{self.room}:{self.name}", obj.pk)
        except (OperationalError, NoTurn) as error:
            if not waited_in_vain(error):
                raise
            obj = load(False)
            title = "" if obj._state.adding else str(obj)
            form = self.form_for(request.user, obj)(data, instance=obj)
            form.add_error(None, f"{BUSY}您填写的内容还在。")
            status = 503
        if form.is_bound and status == 200:
            status = 409 if form.conflicts else 422
        shown = {"object": obj, "title": title, "form": form}
        shown["log"] = [] if obj._state.adding else history.entries_of(obj)[:MOST_ENTRIES]
        context = self.page() | self.context(request, obj) | shown
        return render(request, f"office/{self.name}.html", context, status=status)

    def _save(self, request, form):
        is_new = form.instance._state.adding
        try:
            with transaction.atomic():
                changed = save(form, request.user)
                self.saved(request, form)
        except IntegrityError:  # between the check and the write somebody else has used the name
            form.instance._state.adding = is_new
            form.add_error(None, "没有保存成功：同时有人保存了相同的内容，请核对后再试。")
            return False
        if is_new:
            messages.success(request, f"已新增：{form.instance}。")
        elif changed:
            messages.success(request, f"已保存。{'；'.join(changed)}。")
        else:
            messages.info(request, "没有改动。")
        return True

    def delete(self, request: AuthenticatedRequest, pk: int) -> HttpResponse:
        """With an entry in the history."""
        obj = get_object_or_404(self.rows(), pk=pk)
        if not self.may_be_deleted(obj):
            raise Http404
        words = str(obj)
        try:
            with transaction.atomic():
                history.log(request.user, obj, DELETION, "删除")
                obj.delete()
                self.deleted(request)
        except ProtectedError:  # since the page was drawn, something uses it
            messages.error(request, f"没有删除：{words}已被使用。")
        else:
            messages.success(request, f"已删除：{words}。")
        return redirect(self.list_url)

    def deleted(self, request: AuthenticatedRequest) -> None:
        """Runs in the transaction that has deleted it."""


def last_place(model: type[Model]) -> int:
    """The position behind all that there are."""
    return (model._default_manager.aggregate(last=Max("position"))["last"] or 0) + 1
