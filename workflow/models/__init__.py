from .contribution import ContributedFile, Contribution
from .dossier import Dossier, DossierQuerySet
from .event import Event, ReasonCategory
from .evidence import Attachment, ClassifiedNotice, stored_name
from .message import Message
from .record import Problem, Record, RecordQuerySet, confirmed_among

__all__ = [
    "Attachment",
    "ClassifiedNotice",
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
    "stored_name",
]
