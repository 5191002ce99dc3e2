"""动态口令 (TOTP), which the office and the administrators give after the password where SECOND_FACTOR says so.

A wrong code counts as a wrong password does, against the same limits (accounts.locks), and no code is taken twice.
"""

import re
import unicodedata
from base64 import b32encode

import segno
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts.locks import take_turn
from accounts.models import User
from accounts.roles import Role

VERIFIED = "code_verified"  # in the session
RECOVERY_CODES = 10
_CODE = re.compile(r"[0-9]{6}")


def is_needed(user: User) -> bool:
    return settings.SECOND_FACTOR == "required" and (user.is_office_reviewer or Role(user.role).is_administrative)


def is_due(request: HttpRequest) -> bool:
    """Whether nothing but giving the code is open to who has signed in."""
    return is_needed(request.user) and not request.session.get(VERIFIED)  # type: ignore[arg-type]


def bars(request: HttpRequest) -> bool:
    """Whether the password or the code stands in the way of everything else."""
    return request.user.password_is_due or is_due(request)  # type: ignore[union-attr]


def pass_on(request: HttpRequest) -> None:
    """From now on this session is open. What knew its key before knows nothing any more."""
    request.session.cycle_key()
    request.session[VERIFIED] = True


# --- Setting up ---------------------------------------------------------------------------------------


def is_set_up(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def new_key() -> str:
    return random_hex(20)


class Offer:
    """A key as the person takes it into the telephone: by its picture, or typed."""

    def __init__(self, user: User, key: str) -> None:
        device = TOTPDevice(user=user, key=key)
        self.picture = segno.make(device.config_url, micro=False).svg_data_uri(scale=5, border=2)
        text = b32encode(device.bin_key).decode().rstrip("=")
        self.text = " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@transaction.atomic
def set_up(user: User, key: str, code: str) -> list[str]:
    """The recovery codes, which can be read this once; none where the code is not one of this key."""
    take_turn(user.phone)
    device = TOTPDevice(user=user, key=key, name="动态口令", confirmed=True)
    bare = _bare(code)
    if is_set_up(user) or not is_code(code):
        return []
    device.save()
    if not device.verify_token(bare):
        device.delete()
        return []
    return _new_recovery_codes(user)


@transaction.atomic
def renew_recovery_codes(user: User) -> list[str]:
    """Others, which can be read this once."""
    take_turn(user.phone)
    return _new_recovery_codes(user)


def _new_recovery_codes(user):
    StaticDevice.objects.filter(user=user).delete()
    spare = StaticDevice.objects.create(user=user, name="恢复码", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=spare, token=token) for token in codes)
    return codes


def reset(user: User) -> None:
    """The person sets up another at the next login; whoever is signed in as them is not any more."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    user.end_sessions()


# --- Verifying ----------------------------------------------------------------------------------------


def verify(request: HttpRequest, user: User, code: str) -> str:
    """What the code is, 动态口令 or 恢复码; "" for a wrong one, which is counted. Within `take_turn`."""
    bare = _bare(code)
    if is_code(code):
        devices: list[tuple[str, TOTPDevice | StaticDevice]] = [
            ("动态口令", device) for device in TOTPDevice.objects.filter(user=user, confirmed=True)
        ]
    else:
        devices = [("恢复码", device) for device in StaticDevice.objects.filter(user=user, confirmed=True)]
        bare = bare.lower()
    for name, device in devices:
        if device.verify_token(bare):
            return name
    user_login_failed.send(sender=__name__, credentials={"username": user.phone}, request=request)
    return ""


def is_code(typed: str) -> bool:
    """Whether it looks like 动态口令, not like 恢复码."""
    return bool(_CODE.fullmatch(_bare(typed)))


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def _bare(code):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", code))
