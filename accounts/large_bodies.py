"""Which addresses take files, and from whom: asked before a byte of them is stored."""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

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


def check_of(view: Any) -> Check | None:
    """The check of a view that takes files."""
    check: Check | None = getattr(getattr(view, "view_class", view), "may_send_files", None)
    return check


class NoFiles(FileUploadHandler):
    """Passes over files, of which no form of ours has any at this address, and stores nothing of them."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None
