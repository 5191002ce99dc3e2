"""Evidence of a record: files kept and removed, and classified evidence registered, while it can be edited."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.db.models import prefetch_related_objects

from accounts import clock
from accounts.algorithms import digest_of, digests_of
from accounts.audit.entries import Action, Result
from accounts.audit.writing import write
from accounts.models import User
from accounts.requests import AuthenticatedRequest

from . import filetypes, quota, secrecy
from .actions import lock_editable, locking
from .forms import ClassifiedNoticeForm
from .intake import reader, scanner
from .items import FILES, NOTICES, join
from .models import Attachment, ClassifiedNotice, Record, stored_name
from .models.evidence import StoredFile, stored_models
from .refusals import ActionRefused
from .texts import parse_pk
from .uploads import NAMELESS

CLASSIFIED = "{}。涉密材料不得上传，请报送{}，并在“涉密材料报送登记”中登记。"
NO_ROOM = "服务器未能保存文件，请稍后再试；仍不能保存的，请联系系统管理员。"
BAD_NAME = "文件名不能识别，请改名后再上传。"
NOT_TICKED = "请勾选“本材料不涉密”，再重新选择文件。"


class UploadError(NamedTuple):
    """Why something was not taken; `name` is the file's name, or "" when it is not about one file."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"“{self.name}”：{self.text}" if self.name else self.text


class Classified(filetypes.Unacceptable):
    """The paper bears a mark of secrecy, found by this rule, or was purged before."""

    def __init__(self, why: str, rule: str) -> None:
        super().__init__(CLASSIFIED.format(why, settings.INTRANET_MAILBOX))
        self.rule = rule


class ClassifiedUpload(UploadError):
    """The same of an upload, whose name is masked; `title` is what 涉密材料报送登记 may call it."""

    title: str


def save_files(
    record: Record, user: User, files: Sequence[UploadedFile], unclassified: bool
) -> tuple[list[Attachment], list[UploadError]]:
    """Keep uploaded files on the record as far as they can be kept: returns what was kept and why the rest was not.

    `unclassified`: whether 本材料不涉密 was ticked. The same file sent twice is kept once.
    """
    return keep_files(Shelf(record.attachments, lambda: lock_editable(record.pk, user)), user, files, unclassified)


class Shelf(NamedTuple):
    """Where files are kept; `lock` raises ActionRefused where that cannot be."""

    files: Any  # the related manager
    lock: Callable[[], object]


def keep_files(
    shelf: Shelf, user: User, files: Sequence[UploadedFile], unclassified: bool
) -> tuple[list[Any], list[UploadError]]:
    """`save_files`, wherever they are kept."""
    if not files:
        return [], []
    if not unclassified:
        return [], [UploadError("", NOT_TICKED)]
    sound: list[tuple[str, UploadedFile, str]] = []
    upload_errors: list[UploadError] = []
    for file in files:
        name = clean_name(file.name or "")
        try:
            true_name, digest = _check(name, file), digest_of(file)
            if _was_purged(file):
                raise Classified("这个文件曾因涉密被清除", "已清除的文件")
            sound.append((true_name, file, digest))
        except (filetypes.Unacceptable, OSError) as error:
            upload_errors.append(_refused(user, name, error))
            file.close()  # nothing of it stays in the spool
    stored: list[str] = []
    try:
        with locking():
            shelf.lock()
            kept = [_keep(shelf, user, *item, stored=stored, upload_errors=upload_errors) for item in sound]
    except ActionRefused as refusal:
        for path in stored:
            _forget(path)
        return [], [*upload_errors, UploadError("", str(refusal))]
    except BaseException:
        for path in stored:
            _forget(path)
        raise
    return [file for file in kept if file], upload_errors


def _refused(user: User, name: str, error: filetypes.Unacceptable | OSError) -> UploadError:
    """Why the file is not kept, written into the audit log; the name of what may be classified is said nowhere."""
    facts = {}
    result = Result.DENIED
    if isinstance(error, Classified):
        classified = ClassifiedUpload(secrecy.masked(name), str(error))
        classified.title = secrecy.unmarked(name)
        upload_error: UploadError = classified
        facts["规则"] = error.rule
    elif isinstance(error, OSError):
        upload_error, result = UploadError(name, NO_ROOM), Result.FAILED
    else:
        upload_error = UploadError(name, str(error))
    write(user, Action.UPLOAD, upload_error.name, result=result, after={"原因": upload_error.text, **facts})
    return upload_error


def remove_file(record: Record, user: User, attachment_id: int) -> None:
    """Hide a current file of the record. Raises ActionRefused, or Attachment.DoesNotExist."""
    with locking():
        lock_editable(record.pk, user)
        Attachment.objects.current().get(pk=attachment_id, record=record.pk).remove(user)


def register_notice(record: Record, user: User, form: ClassifiedNoticeForm) -> ClassifiedNotice:
    """Keep a valid ClassifiedNoticeForm's notice (once, however often it is sent). Raises ActionRefused."""
    with locking():
        lock_editable(record.pk, user)
        notice, is_new = ClassifiedNotice.objects.current().get_or_create(
            record_id=record.pk,
            title=form.cleaned_data["classified_title"],
            sent_on=form.cleaned_data["classified_sent_on"],
            defaults={"registrar": user},
        )
        if is_new:
            write(user, Action.ADD, notice, after={"填报记录": record.pk, "报送日期": notice.sent_on})
        return notice


def remove_notice(record: Record, user: User, notice_id: int) -> None:
    """Withdraw a notice of the record. Raises ActionRefused, or ClassifiedNotice.DoesNotExist."""
    with locking():
        lock_editable(record.pk, user)
        ClassifiedNotice.objects.current().get(pk=notice_id, record=record.pk).remove(user)


def receive(request: AuthenticatedRequest, record: Record) -> list[UploadError]:
    """What an edit page posted beside its text (workflow/_files_edit.html), kept in its own transactions.

    Returns why something was not taken; what could be kept has been kept.
    """
    upload_errors = []
    for remove, field in ((remove_file, "remove_file"), (remove_notice, "remove_notice")):
        if pk := request.POST.get(field):
            try:
                remove(record, request.user, parse_pk(pk))
            except ActionRefused as refusal:
                upload_errors.append(UploadError("", str(refusal)))
            except (Attachment.DoesNotExist, ClassifiedNotice.DoesNotExist):
                pass  # a second click: it is gone already
    if request.POST.get("classified_title") or request.POST.get("classified_sent_on"):
        form = ClassifiedNoticeForm(request.POST)
        try:
            if form.is_valid():
                register_notice(record, request.user, form)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        upload_errors += [UploadError("", str(text)) for texts in form.errors.values() for text in texts]
    _, unkept = receive_files(request, record)
    return upload_errors + unkept


def receive_files(request: AuthenticatedRequest, record: Record) -> tuple[list[Attachment], list[UploadError]]:
    """What was posted as `files`, kept as by `save_files`; what arrived under an impossible name is named too."""
    user = request.user
    return receive_onto(request, Shelf(record.attachments, lambda: lock_editable(record.pk, user)))


def receive_onto(request: AuthenticatedRequest, shelf: Shelf) -> tuple[list[Any], list[UploadError]]:
    """`receive_files`, wherever they are kept."""
    sent = [file for file in request.FILES.getlist("files") if file.name != NAMELESS]
    lost = [UploadError(name, BAD_NAME) for name in getattr(request, "lost_names", [])]
    saved, upload_errors = keep_files(shelf, request.user, sent, "unclassified" in request.POST)
    return saved, lost + upload_errors


def offered_notices(upload_errors: Iterable[UploadError]) -> list[dict[str, str]]:
    """What 涉密材料报送登记 can be filled in with, for each paper that was refused for its mark."""
    day = clock.today().isoformat()
    return [{"title": error.title, "sent_on": day} for error in upload_errors if isinstance(error, ClassifiedUpload)]


def editing_context(record: Record, upload_errors: Iterable[UploadError] = ()) -> dict[str, Any]:
    """What workflow/_files_edit.html shows; a record that is not saved yet has no evidence."""
    opened = record.opened
    attachments, notices = record.current_evidence if record.pk else ([], [])
    return {
        "attachments": attachments,
        "offered": next(iter(offered_notices(upload_errors)), None),
        "notices": notices,
        "removable": {file.pk for file in attachments if opened.covers(join(FILES, file.pk))},
        "files_are_open": opened.touches(FILES),
        "notices_are_open": opened.touches(NOTICES),
        "files_opened": [item for item in opened.items if item.address.partition(".")[0] in (FILES, NOTICES)],
    } | limits()


def limits() -> dict[str, Any]:
    """What a page that takes files says of them."""
    return {
        "mailbox": settings.INTRANET_MAILBOX,
        "accepted": ",".join(f".{extension}" for extension in filetypes.ALLOWED),
        "most_files": settings.ATTACHMENT_MAX_COUNT,
        "most_mb": settings.ATTACHMENT_MAX_MB,
    }


class Removal(NamedTuple):
    """A step of the timeline (see workflow/_timeline.html): evidence that somebody took off the record."""

    at: datetime
    label: str
    actor_name: str
    actor_department: str
    detail: str


def removals(record: Record) -> Iterator[Removal]:
    """Of those Attachments and ClassifiedNotices of the record that were removed."""
    files, notices = record.evidence
    attachments = [file for file in files if file.removed_at or file.purged_at]
    prefetch_related_objects(attachments, "removed_by__department", "purged_by__department")
    notices = [notice for notice in notices if notice.removed_at]
    prefetch_related_objects(notices, "removed_by__department")
    for item in [*attachments, *notices]:
        if isinstance(item, Attachment) and item.purged_at:
            yield Removal(item.purged_at, "清除涉密文件", *_who(item.purged_by), f"{item}：{item.purge_reason}")
        if item.removed_at:
            label = "移除附件" if isinstance(item, Attachment) else "移除涉密材料登记"
            yield Removal(item.removed_at, label, *_who(item.removed_by), str(item))


def _who(person: User | None) -> tuple[str, str]:
    """Name and department."""
    return (person.full_name, person.department.name) if person else ("", "")


def clean_name(name: str) -> str:
    """The person's own name of the file, of any length, without path, control and direction characters."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    return " ".join(name.split()) or NAMELESS


def _is_name(name: str) -> bool:
    """Whether something stands before the extension, all of it characters."""
    stem = name.rpartition(".")[0] or name.lstrip(".")
    is_extension = name.startswith(".") and name.count(".") == 1
    is_readable = any(character.isalnum() for character in stem)
    return is_readable and not is_extension and name != NAMELESS and "\ufffd" not in name


def _check(name: str, file: UploadedFile) -> str:
    """The name under which the file is kept; raises Unacceptable."""
    if not _is_name(name):
        raise filetypes.Unacceptable(BAD_NAME)
    if (file.size or 0) > settings.ATTACHMENT_MAX_MB * 1024 * 1024:
        raise filetypes.Unacceptable(f"文件超过 {settings.ATTACHMENT_MAX_MB} MB，请压缩或拆分后再上传。")
    if secrecy.is_marked(name):
        raise Classified("文件名带有密级标志", "文件名")
    extension, rule = reader.examine(name, file)
    if rule:
        raise Classified("文件内容带有密级标志", rule)
    scanner.check(file)
    return name if extension == filetypes.extension_of(name) else f"{name.rpartition('.')[0]}.{extension}"


def _was_purged(file: UploadedFile) -> bool:
    digests = digests_of(file)
    same = (model._default_manager.filter(digest__in=digests) for model in stored_models())
    return any(rows.exclude(purged_at=None).exists() for rows in same)


def _keep(
    shelf: Shelf,
    user: User,
    name: str,
    file: UploadedFile,
    digest: str,
    *,
    stored: list[str],
    upload_errors: list[UploadError],
) -> StoredFile | None:
    current = shelf.files.current()
    twin: StoredFile | None = current.filter(digest=digest, name=name).first()
    if twin:
        return twin
    if full := quota.why_full(user, file.size or 0):
        upload_errors.append(UploadError(name, full))
        return None
    if current.count() >= settings.ATTACHMENT_MAX_COUNT:
        upload_errors.append(UploadError(name, f"每条记录最多上传 {settings.ATTACHMENT_MAX_COUNT} 个文件。"))
        return None
    path = stored_name(None, name)
    stored.append(path)
    file.seek(0)
    try:
        _storage().save(path, file)
    except OSError:
        _forget(path)  # a full disk leaves a fragment
        upload_errors.append(UploadError(name, NO_ROOM))
        return None
    kept: StoredFile = shelf.files.create(name=name, file=path, size=file.size or 0, digest=digest, uploader=user)
    write(user, Action.UPLOAD, kept, after=kept.audit_facts())
    return kept


def _forget(path: str) -> None:
    """What cannot be taken away now, `sweep` finds."""
    with suppress(OSError):
        _storage().delete(path)


def _storage() -> Storage:
    return Attachment._meta.get_field("file").storage
