"""What the pages of the office's own data share: who may open them, and how a form is saved or a row deleted."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.admin.models import DELETION
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import history
from accounts.tracked_forms import TrackedForm, save

MOST_ENTRIES = 50  # of the history, on one page


def permitted(*permissions: str) -> Callable:
    """For those who have all of these permissions; for others the page does not exist."""

    def decorate(view):
        @wraps(view)
        def inner(request, *args, **kwargs):
            if not request.user.has_perms(permissions):
                raise Http404
            return view(request, *args, **kwargs)

        return inner

    return decorate


def edit(
    request: HttpRequest,
    form_class: type[TrackedForm],
    load: Callable[[], Model],
    template: str,
    address: str,
    *,
    after: Callable[[TrackedForm], None] | None = None,
    **context,
) -> HttpResponse:
    """The page of one thing: shows its form, or saves it and leads to the thing's page, which has that address.

    `load` fetches the object, inside the transaction that saves it, and locks what has to be locked; `after` runs in
    the same transaction, when it has been saved.
    """
    with transaction.atomic():
        obj = load()
        context |= {"object": obj, "title": "" if obj._state.adding else str(obj)}
        form = form_class(request.POST if request.method == "POST" else None, instance=obj)
        if form.is_valid() and _saved(request, form, after):
            return redirect(address, obj.pk)
    log = [] if obj._state.adding else history.entries_of(obj)[:MOST_ENTRIES]
    status = (409 if form.conflicts else 422) if form.is_bound else 200
    return render(request, template, context | {"form": form, "log": log}, status=status)


def _saved(request, form, after):
    is_new = form.instance._state.adding
    try:
        with transaction.atomic():
            changed = save(form, request.user)
            if after:
                after(form)
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


def delete(request: HttpRequest, obj: Model, address: str) -> HttpResponse:
    """Deletes it, with an entry in the history, and leads to that address."""
    words = str(obj)
    try:
        with transaction.atomic():
            history.log(request.user, obj, DELETION, "删除")
            obj.delete()
    except ProtectedError:  # since the page was drawn, something uses it
        messages.error(request, f"没有删除：{words}已被使用。")
    else:
        messages.success(request, f"已删除：{words}。")
    return redirect(address)
