"""What the band of every page shows."""

from django.conf import settings

from accounts import clock


def band(request):
    """Context processor: `training_time` while the clock is set."""
    return {"training_time": clock.now() if settings.CLOCK else None}
