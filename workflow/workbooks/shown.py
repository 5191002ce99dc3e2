"""What a spreadsheet shows for a number under its number format (a leaf).

Dates come as 2026-03-01, however the format orders them; where it leaves out the day, as 2026年3月.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

MOST_DIGITS = 15  # that a spreadsheet keeps of a number
NO_NUMBER = "不是数字，请改正。"
UNKNOWN_FORMAT = "的数字格式不能识别，请改为文本格式后重新填写。"
# The built-in formats (ECMA-376 part 1, 18.8.30), with the dates of Chinese editions.
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy-m-d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-m-d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"',
    30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss",
    36: 'yyyy"年"m"月"', 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: "h:mm", 56: "h:mm:ss", 57: 'yyyy"年"m"月"',
    58: 'm"月"d"日"',
}  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<literal>"[^"]*"|\\.|[_*].)|(?P<bracket>\[[^\]]*\])|(?P<general>General|G/通用格式)"""
    r"""|(?P<scientific>E[+-])|(?P<half>AM/PM|A/P|上午/下午)|(?P<other>.)""",
    re.IGNORECASE | re.DOTALL,
)
_DAY_ONE, _DAY_ONE_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  # sheets know no zones


class CannotShow(ValueError):
    """The message says why, after the name of the cell."""


@dataclass(frozen=True)
class Token:
    kind: str  # literal, general, digit, point, comma, percent, scientific, date, elapsed, text, other
    text: str


def is_general(code: str) -> bool:
    return code.strip().lower() in {"", "general", "g/通用格式", "@"}


def text_shown(text: str, code: str) -> str:
    """A text under its format: "GG"@ puts something before it."""
    if "@" not in code or code == "@":
        return text
    section: list[Token] = next(
        (section for section in _sections(code) if any(token.kind == "text" for token in section)), []
    )
    return "".join(
        text if token.kind == "text" else token.text for token in section if token.kind in {"text", "literal"}
    )


def number_shown(value: str, code: str, *, since_1904: bool = False) -> str:
    """Raises CannotShow for digits that the program has invented, and for formats that are not understood."""
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise CannotShow(NO_NUMBER) from error
    if not number.is_finite():
        raise CannotShow(NO_NUMBER)
    if abs(number) >= Decimal(10) ** MOST_DIGITS:
        raise CannotShow(f"的数字超过 {MOST_DIGITS} 位，表格软件已改变末尾的数字，请改为文本格式后重新填写。")
    number = Context(prec=MOST_DIGITS).create_decimal(number)
    if is_general(code):
        return _plain(number)
    section, number = _choose(_sections(code), number)
    kinds = {token.kind for token in section}
    if "condition" in kinds or "elapsed" in kinds:
        raise CannotShow(UNKNOWN_FORMAT)
    if "date" in kinds:
        return _date(number, section, _DAY_ONE_1904 if since_1904 else _DAY_ONE)
    if "general" in kinds:
        return "".join(_plain(number) if token.kind == "general" else token.text for token in section)
    if "digit" not in kinds:
        return "".join(_plain(number) if token.kind == "text" else token.text for token in section).strip()
    return _digits(number, section)


def _plain(number):
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _sections(code):
    sections = [[]]
    for match in _TOKEN.finditer(code):
        text = match[0]
        if match["literal"]:
            sections[-1].append(Token("literal", _literal(text)))
        elif match["bracket"]:
            sections[-1] += _bracket(text)
        elif match["general"] or match["scientific"]:
            sections[-1].append(Token("general" if match["general"] else "scientific", text))
        elif match["half"]:
            sections[-1].append(Token("date", "h"))
        elif text == ";":
            sections.append([])
        else:
            sections[-1].append(Token(_kind(text), text))
    return sections


def _literal(text):
    """Of "…", of \\x, and of what only makes room: _x and *x."""
    if text[0] == '"':
        return text.strip('"')
    return text[1:] if text[0] == "\\" else ""


def _kind(text):
    if text in "0#?":
        return "digit"
    if text.lower() in "ymdhse":
        return "date"
    return {".": "point", ",": "comma", "%": "percent", "@": "text", "/": "fraction"}.get(text, "literal")


def _bracket(text):
    inside = text[1:-1]
    if inside.startswith("$"):  # a currency, and for whom: [$¥-804]
        return [Token("literal", inside[1:].split("-")[0])]
    if inside[:1] in {"<", ">", "="}:
        return [Token("condition", text)]
    if set(inside.lower()) in ({"h"}, {"m"}, {"s"}):
        return [Token("elapsed", text)]
    return []  # a colour


def _choose(sections, number):
    """The section that shows the number, and the number as it shows it: without its sign where it has its own."""
    numeric = [section for section in sections if not any(token.kind == "text" for token in section)] or sections
    if number < 0 and len(numeric) > 1:
        return numeric[1], -number
    if number == 0 and len(numeric) > 2:
        return numeric[2], number
    return numeric[0], number


def _date(number, section, day_one):
    try:
        when = day_one + timedelta(seconds=round(float(number) * 86400))
    except OverflowError as error:
        raise CannotShow("不是日期，请改正。") from error
    if number < 0:
        raise CannotShow("不是日期，请改正。")
    parts = {token.text.lower() for token in section if token.kind == "date"}
    has_time = bool(parts & {"h", "s"})
    has_year, has_day = bool(parts & {"y", "e"}), "d" in parts
    has_month = "m" in parts and (has_year or has_day or not has_time)
    if has_time and not (has_year or has_day):
        return f"{when:%H:%M}"
    if has_year and not has_day:
        return f"{when.year}年{when.month}月" if has_month else f"{when.year}年"
    if has_month and not has_day:
        return f"{when.month}月"
    return f"{when:%Y-%m-%d %H:%M}" if has_time and (when.hour or when.minute) else f"{when:%Y-%m-%d}"


def _digits(number, section):
    if any(token.kind == "fraction" for token in section):
        raise CannotShow(UNKNOWN_FORMAT)
    places = [at for at, token in enumerate(section) if token.kind == "digit"]
    point = next((at for at, token in enumerate(section) if token.kind == "point"), None)
    number *= Decimal(100) ** sum(token.kind == "percent" for token in section)
    exponent = next((at for at, token in enumerate(section) if token.kind == "scientific"), None)
    if exponent is not None:
        decimals = sum(point is not None and point < at < exponent for at in places)
        return f"{number:.{decimals}E}"
    last_whole = max((at for at in places if point is None or at < point), default=-1)
    behind = [token for token in section[last_whole + 1 :] if token.kind == "comma"]
    number /= Decimal(1000) ** len(behind)
    decimals = sum(point is not None and at > point for at in places)
    number = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=60))
    whole, _, rest = f"{abs(number):f}".partition(".")
    grouped = any(token.kind == "comma" for token in section[: max(last_whole, 0)])
    head = section[: point if point is not None else last_whole + 1]
    tail = section[point + 1 :] if point is not None else section[last_whole + 1 :]
    shown = _whole_part(whole.lstrip("0"), head, grouped)
    if point is not None:
        shown += _decimal_part(rest, tail)
    else:
        shown += "".join(token.text for token in tail if token.kind in {"literal", "percent"})
    return f"-{shown}".strip() if number < 0 else shown.strip()


def _whole_part(digits, tokens, grouped):
    """The digits put into their places from the right; the first place takes all that are left."""
    found, left, count = [], list(digits), 0
    first = next((at for at, token in enumerate(tokens) if token.kind == "digit"), None)
    for at in range(len(tokens) - 1, -1, -1):
        token = tokens[at]
        if token.kind in {"literal", "percent"}:
            found.append(token.text)
        elif token.kind == "digit":
            taken = [left.pop()] if left else ["0"] if token.text == "0" else []
            if at == first:
                taken += reversed(left)
                left = []
            for digit in taken:
                if grouped and count and count % 3 == 0:
                    found.append(",")
                found.append(digit)
                count += 1
    return "".join(reversed(found))


def _decimal_part(rest, tokens):
    """The point and what stands behind it; # leaves out zeros at the end."""
    places = [token.text for token in tokens if token.kind == "digit"]
    while places and places[-1] == "#" and rest.endswith("0"):
        places.pop()
        rest = rest[:-1]
    found, left = ["."], list(rest)
    for token in tokens:
        if token.kind == "digit":
            found.append(left.pop(0) if left else "")
        elif token.kind in {"literal", "percent"}:
            found.append(token.text)
    return "".join(found)
