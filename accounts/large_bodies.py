"""Which addresses take files, and from whom: asked before a byte of them is stored."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest

Check = Callable[..., object]
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(check: Check) -> Callable[[View], View]:
    """Marks a view. `check(request, **its arguments)` raises Http404, or is false where this person may not send any;
    it must not read the body.
    """

    def mark(view: View) -> View:
        view.may_send_files = check  # type: ignore[attr-defined]  # which views have for us alone
        return view

    return mark


def may_send(view: Any, request: HttpRequest, **where: Any) -> bool:
    """Whether files may come to this view from this person; raises Http404 as the view would."""
    check = getattr(getattr(view, "view_class", view), "may_send_files", None)
    return check is not None and bool(check(request, **where))
