from .contribution import ContributedFile, Contribution
from .dossier import Dossier, DossierQuerySet
from .event import Event, ReasonCategory, opened_by
from .evidence import Attachment, ClassifiedNotice, stored_name
from .message import Message
from .opinion import CommonOpinion
from .record import Problem, Record, confirmed_among
from .record_set import NEWEST_FIRST, OLDEST_FIRST, RecordQuerySet

__all__ = [
    "NEWEST_FIRST",
    "OLDEST_FIRST",
    "Attachment",
    "ClassifiedNotice",
    "CommonOpinion",
    "ContributedFile",
    "Contribution",
    "Dossier",
    "DossierQuerySet",
    "Event",
    "Message",
    "Problem",
    "ReasonCategory",
    "Record",
    "RecordQuerySet",
    "confirmed_among",
    "opened_by",
    "stored_name",
]
