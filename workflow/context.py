"""What the band of every page shows."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from accounts import clock


def band(request: HttpRequest) -> dict[str, datetime | None]:
    """Context processor: `training_time` while the clock is set."""
    return {"training_time": clock.now() if settings.CLOCK else None}
