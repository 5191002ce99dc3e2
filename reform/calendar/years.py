"""Which years the product knows: the one place for their limits."""

from accounts import clock

FIRST_YEAR, LAST_YEAR = 2013, 2099  # comprehensive reform began in 2013; nothing here is older
NOTICES_AHEAD = 2  # the State Council announces one year at a time


def notice_years() -> range:
    """The years whose notice of holidays can be in the calendar."""
    return range(FIRST_YEAR, clock.today().year + NOTICES_AHEAD + 1)
