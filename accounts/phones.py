"""Mobile numbers: the account names, however they were typed."""

import re
import unicodedata

from django.core.validators import RegexValidator

from accounts.sealing import SealedCharField

is_phone = RegexValidator(r"\A1[0-9]{10}\Z", "手机号应为11位数字，以1开头。")

_DECORATION = re.compile(r"[\s\-‐-―−().·\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
_COUNTRY = re.compile(r"\A(?:\+|00)?86(?=1[0-9]{10}\Z)")


def normalise(typed):
    """Full width, spaces, hyphens and +86 as WPS and phone books write them; anything else comes back as typed."""
    bare = _DECORATION.sub("", unicodedata.normalize("NFKC", typed))
    return _COUNTRY.sub("", bare)


def mask(phone):
    """139****0001: enough to recognise a colleague, too little to call one."""
    return f"{phone[:3]}****{phone[7:]}" if is_phone.regex.match(phone) else "****"


class PhoneField(SealedCharField):
    """Stores and looks up the normalised number, so no way in can forget to normalise."""

    default_validators = [is_phone]

    def __init__(self, *args, max_length=60, **kwargs):  # sealed
        super().__init__(*args, max_length=max_length, **kwargs)

    def to_python(self, value):
        value = super().to_python(value)
        return normalise(value) if isinstance(value, str) else value

    def formfield(self, **kwargs):
        # The length of what is typed says nothing: "+86 139-0000-0001" is a fine number.
        return super().formfield(**kwargs | {"max_length": 40})
