"""Requests as views get them: everybody has signed in, unless a view says otherwise."""

from django.http import HttpRequest

from .models import User


class AuthenticatedRequest(HttpRequest):
    """For annotations only: LoginAndPasswordMiddleware lets nobody else through."""

    user: User
