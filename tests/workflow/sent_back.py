"""Records of which some items were sent back (逐项退回), for tests of what may change and of the pages."""

from tests.editing import reloaded
from workflow.states import State

LEVELS = [(State.SUBMITTED, "reviewer", "reject"), (State.DEPT_APPROVED, "office", "send_back")]


def sent_back(cast, record, items, level=LEVELS[0]):
    """The record, of which these items ({address: words}) were ticked."""
    state, who, action = level
    cast.act(cast.bring(record, state), who, action, items=items)
    return reloaded(record)


def first_value(record):
    return next(place for place in record.items() if place.startswith("values."))
