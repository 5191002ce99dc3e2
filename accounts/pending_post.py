"""What somebody was sending when their session was gone: kept until they are back.

Only what passed the CSRF check (or demonstrably came from one of our own pages) is ever kept: what is kept is
offered for sending again, and must be what the person typed.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

SALT = "accounts.pending_post"
MAX_CHARACTERS = 4_000_000  # of text; half of what a request may bring at all
MAX_SEALED = settings.BODY_MAX_OF_STRANGERS - 10_000  # it comes back with the login
UNTOUCHED = {"csrfmiddlewaretoken", "kept", "next"}
NEVER_FROM = {"accounts:login", "accounts:logout", "accounts:password_change", "accounts:second_factor"}

# Names the last person to sign in at this browser, so that nobody else is offered what that person typed.
LAST_PERSON = "__Host-last" if settings.HTTPS else "last"
LAST_PERSON_AGE = 7 * 24 * 3600


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def remember_person(response, user):
    response.set_signed_cookie(
        LAST_PERSON,
        user.pk,
        salt=SALT,
        max_age=LAST_PERSON_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_person(response):
    response.delete_cookie(LAST_PERSON, samesite="Lax")
    if settings.SESSION_COOKIE_SECURE:
        response.cookies[LAST_PERSON]["secure"] = True  # a __Host- cookie is only ever touched with it


def last_person(request):
    """The primary key, or None."""
    pk = request.get_signed_cookie(LAST_PERSON, default=None, salt=SALT, max_age=LAST_PERSON_AGE)
    return int(pk) if pk else None


def collect(request):
    """What the form held: where to, its fields, the names of its files; None if there is nothing to keep."""
    match = request.resolver_match
    if request.method != "POST" or (match and match.view_name in NEVER_FROM):
        return None
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        if name not in UNTOUCHED and "password" not in name
        for value in values
    ]
    if not fields or sum(len(name) + len(value) for name, value in fields) > MAX_CHARACTERS:
        return None
    path = request.get_full_path()
    if not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return None
    files = [file.name for _, files in request.FILES.lists() for file in files]
    return {"path": path, "fields": fields, "files": files}


def seal(kept, person):
    """Text for a hidden field of the login page; `person` is whose text it is, if known."""
    return signing.dumps({**kept, "person": person}, salt=SALT, compress=True)


def unseal(sealed, user):
    """What was kept for this user; None if it was another's, too old, or not ours."""
    try:
        kept = signing.loads(sealed, salt=SALT, max_age=settings.SESSION_ABSOLUTE_HOURS * 3600)
    except signing.BadSignature:
        return None
    return kept if kept.pop("person") in (None, user.pk) else None


def keep_in_session(request):
    if kept := collect(request):
        request.session["kept"] = kept
