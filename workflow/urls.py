"""Addresses of lists, records and files, the same for every kind."""

from django.urls import path

from .views import absences, contributions, files, inbox, messages, opinions, previews, purging, reasons, record, space


def record_urls(doubts: inbox.Doubts) -> tuple[list, str]:
    """For `include`: `doubts` tells what in 待我审核 asks to be looked at by itself."""
    return [
        path("inbox/", inbox.records, {"name": "inbox", "doubts": doubts}, name="inbox"),
        path("inbox/desk/", inbox.desk, name="desk"),
        path("inbox/decide/", inbox.decide, {"doubts": doubts}, name="decide"),
        path("reviewed/", inbox.records, {"name": "reviewed"}, name="reviewed"),
        path("submitted/", inbox.records, {"name": "submitted"}, name="submitted"),
        path("submitted/under-review/", inbox.records, {"name": "under_review"}, name="under_review"),
        path("issuable/", inbox.records, {"name": "issuable"}, name="issuable"),
        path("issuable/issue/", inbox.issue, name="issue"),
        path("absences/", absences.absences, name="absences"),
        path("absences/<key:pk>/end/", absences.end, name="absence_end"),
        path("opinions/", opinions.opinions, name="opinions"),
        path("opinions/<key:pk>/remove/", opinions.remove, name="opinion_remove"),
        path("messages/", messages.inbox, name="messages"),
        path("messages/read/", messages.read, name="messages_read"),
        path("messages/<key:pk>/", messages.follow, name="message_follow"),
        path("records/<key:pk>/", record.record, name="record"),
        path("records/<key:pk>/desk/", record.desk_record, name="desk_record"),
        path("records/<key:pk>/act/", record.act, name="act"),
        path("records/<key:pk>/discard/", record.discard, name="discard"),
        path("records/<key:pk>/events/<key:event_pk>/", record.snapshot, name="snapshot"),
        path("records/<key:pk>/files/", files.upload, name="upload"),
        path("records/<key:pk>/files/<key:file_pk>/remove/", files.remove, name="file_remove"),
        path("records/<key:pk>/classified/", files.register, name="classified"),
        path("records/<key:pk>/classified/<key:notice_pk>/remove/", files.unregister, name="notice_remove"),
        path("records/<key:pk>/ask/", contributions.ask, name="contribution_ask"),
        path("contributions/", contributions.contributions, name="contributions"),
        path("contributions/<key:pk>/", contributions.contribution, name="contribution"),
        path("contributions/<key:pk>/files/<key:file_pk>/", contributions.download, name="contribution_file"),
        path("contributions/<key:pk>/files/<key:file_pk>/preview/", contributions.preview, name="contribution_preview"),
        path("files/<key:pk>/", files.download, name="download"),
        path("files/<key:pk>/preview/", previews.attachment, name="preview"),
        path("space/", space.space, name="space"),
        path("purges/", purging.purges, name="purges"),
        path("purges/<slug:kind>/<key:pk>/", purging.purge, name="purge"),
        *reasons.Reasons().urls("office/reasons/"),
    ], "workflow"
