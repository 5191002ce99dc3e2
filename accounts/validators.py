"""What a password must not be. Each rule speaks for itself, so that all of them can be heard at once."""

import re
from functools import cached_property

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

# What people here think of first: the city, the office, its abbreviations and mailbox, the product.
ORGANISATION = (
    "chongqing yuzhong yubei shancheng yukuaizheng yukuai reform gaigeban gaige shengai shenggai fagaiwei "
    "cqgg cqgw swggb swgg ggb fgw jiaowei zhengfu shiwei dangwei zuozhantu xiangmu guanli "
    "重庆 渝 改革 深改 发改 市委 办公 作战图 项目 渝快政"
).split()
FAVOURITES = (
    "password passwd passw pass pwd admin administrator root system test demo guest user login welcome letmein "
    "hello iloveyou woaini zhongguo china beijing mima wode qwerty abc cq"
).split()
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "!@#$%^&*()",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "zaq12wsxcde34rfvbgt56yhn",
)
# A one stands for an i as well as for an l.
LOOKALIKES = [str.maketrans("@4301!5$7", "aaeo" + one + "isst") for one in "il"]


class LengthValidator:
    """Counts characters; the upper bound only keeps hashing cheap."""

    def __init__(self, minimum=10, maximum=128):
        self.minimum, self.maximum = minimum, maximum

    def validate(self, password, user=None):
        if len(password) < self.minimum:
            raise ValidationError(f"密码太短，至少要{self.minimum}个字符。", code="too_short")
        if len(password) > self.maximum:
            raise ValidationError(f"密码太长，最多{self.maximum}个字符。", code="too_long")

    def get_help_text(self):
        return f"{self.minimum}至{self.maximum}个字符，可以是一句只有自己知道的话。"


class KindsValidator:
    def __init__(self, minimum=3):
        self.minimum = minimum

    def validate(self, password, user=None):
        present = [
            any(char.islower() for char in password),
            any(char.isupper() for char in password),
            any(char.isdigit() for char in password),
            any(not char.islower() and not char.isupper() and not char.isdigit() for char in password),
        ]
        if sum(present) < self.minimum:
            raise ValidationError(
                f"大写字母、小写字母、数字、符号四类中，至少要有{self.minimum}类。", code="too_few_kinds"
            )

    def get_help_text(self):
        return f"大写字母、小写字母、数字、符号四类中，至少要有{self.minimum}类。"


class NotInitialValidator:
    def validate(self, password, user=None):
        if password == settings.INITIAL_PASSWORD:
            raise ValidationError("不能使用初始密码。", code="initial")

    def get_help_text(self):
        return "不能是初始密码。"


class NoPhoneValidator:
    """Four digits in a row are enough to recognise a number by."""

    def validate(self, password, user=None):
        phone = getattr(user, "phone", "")
        if any(phone[i : i + 4] in password for i in range(len(phone) - 3)):
            raise ValidationError("密码中不能有自己手机号的连续四位。", code="phone")

    def get_help_text(self):
        return "不能含有自己手机号的连续四位。"


class NotReusedValidator:
    def validate(self, password, user=None):
        if user is not None and user.pk and user.has_used_password(password):
            raise ValidationError("不能与最近三次用过的密码相同。", code="reused")

    def get_help_text(self):
        return "不能与最近三次用过的密码相同。"


class NotGuessableValidator(CommonPasswordValidator):
    """Refuses common passwords in disguise, and those that are empty once words and runs are taken out."""

    minimum_left = 5

    def validate(self, password, user=None):
        plain = password.lower()
        bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)  # Sunshine#2026 is sunshine
        disguises = {plain, bare, *(text.translate(table) for text in (plain, bare) for table in LOOKALIKES)}
        if self.passwords & disguises or self.left_of(plain) < self.minimum_left:
            raise ValidationError(
                "密码太容易被猜到：不能是常见密码、单位或城市名称、连续或重复的字符及其简单组合。", code="guessable"
            )

    def left_of(self, plain):
        """How much of a password is not a known word, a keyboard run, a repetition or a year.

        The first two symbols count for nothing: everybody adds an @ or a !.
        """
        for table in LOOKALIKES:
            for word in self._words.finditer(plain.translate(table)):
                plain = plain[: word.start()] + " " * len(word[0]) + plain[word.end() :]
        plain = self._runs.sub(" ", plain)
        plain = re.sub(r"(?:19|20)\d\d", " ", plain)
        plain = re.sub(r"(\S{1,4}?)\1{2,}", " ", plain)
        left = [char for char in plain if char != " "]
        symbols = sum(not char.isalnum() for char in left)
        return len(left) - min(symbols, 2)

    @cached_property
    def _words(self):
        words = sorted((*ORGANISATION, *FAVOURITES), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, words)))

    @cached_property
    def _runs(self):
        """Any three or more neighbours of a run, in either direction; the longest first."""
        pieces = {
            run[start:end]
            for row in RUNS
            for run in (row, row[::-1])
            for start in range(len(run))
            for end in range(start + 3, len(run) + 1)
        }
        return re.compile("|".join(map(re.escape, sorted(pieces, key=len, reverse=True))))

    def get_help_text(self):
        return "不能是常见密码、单位或城市名称、连续或重复的字符及其简单组合。"
