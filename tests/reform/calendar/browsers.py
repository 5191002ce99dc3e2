"""The browser of the office at another time of the year."""


def at_work(client, cast):
    """The office's own browser half a year on: the old password is due by then."""
    cast.office.choose_password("Another-Horse-9")
    cast.office.save()
    client.force_login(cast.office)
    return client
