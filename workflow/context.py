"""What the band of every page shows."""

from django.conf import settings

from accounts import clock


def band(request):
    """Context processor: `unread_messages()` counts when a template asks; `training_time` while the clock is set."""
    user = getattr(request, "user", None)
    has_messages = user is not None and user.is_authenticated
    return {
        "unread_messages": user.messages.unread().count if has_messages else None,
        "training_time": clock.now() if settings.CLOCK else None,
    }
