from accounts import clock  # noqa: F401
