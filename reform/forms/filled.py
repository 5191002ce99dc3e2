"""What a form filled in by the system sends: as a browser would."""

from workflow.editing.rows import MOST_ROWS

_FORMS = {"MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": str(MOST_ROWS), "INITIAL_FORMS": "0"}


def counted(prefix, rows):
    """How many rows there are."""
    return {f"{prefix}-{name}": value for name, value in (_FORMS | {"TOTAL_FORMS": str(len(rows))}).items()}


def held(row, left_out=frozenset()):
    """What the fields of the row hold, as texts; of ticks, a list."""
    values = {field.name: field.value() for field in row if field.name not in left_out}
    return {
        name: value if isinstance(value, list) else str(value)
        for name, value in values.items()
        if value not in (None, "", [])
    }


def typed(row, prefix, left_out=frozenset()):
    """The same under another prefix; without its id it is a new row."""
    return {f"{prefix}-{name}": value for name, value in held(row, left_out | {"id"}).items()}
