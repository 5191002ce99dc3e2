"""Marks of secrecy (密级标志) in names and texts: a level that stands as a mark, not as a word.

Written as GB/T 9704 has it (机密★10年), and as people write it. A text that speaks of secrecy has the same words inside
its sentences; a mark stands by itself.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_HAN = "\u4e00-\u9fff"
_TRADITIONAL = str.maketrans("機絕祕級長啟", "机绝秘级长启")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0e-\x1f]")
_LEVEL = r"(?:绝\s*密|机\s*密|秘\s*密)"
_STAR = r"[★☆✩✪✭✮✯✰⭐⋆*]\ufe0f?"
_NUMBER = r"(?:\d+|[〇一二三四五六七八九十百]+)"
_PERIOD = rf"(?:{_NUMBER}\s*(?:年|个?\s*月|天|日)|长\s*期|永\s*久|(?:启用|解密|公布|公开|使用完毕)前)"
# 商业秘密 and the like are words of their own, wherever they stand.
_NO_WORD = "".join(
    f"(?<!{word})"
    for word in (
        "商业 国家 工作 技术 经营 军事 企业 个人 核心 保守 严守 守住 保护 泄露 窃取 刺探 知悉 揭开 涉及 的 杜 拒 谢"
    ).split()
)
_MARKS = re.compile(
    rf"{_LEVEL}\s*{_STAR}"  # as it is printed: 机密★10年
    rf"|{_NO_WORD}{_LEVEL}\s*[（(]?\s*{_PERIOD}"  # the same without the star
    rf"|^绝\s*密|{_NO_WORD}{_LEVEL}$"  # opens or closes the name
    rf"|(?<![{_HAN}]){_LEVEL}(?:级|件|文件|材料)?(?![{_HAN}])"  # stands by itself
)

# Before it in its line: the number of the copy, and how urgent it is.
_BEFORE = r"(?:[\s\d№]|NO\.?|份号|编号|特急|加急|平急|特提|密\s*级\s*[:：])*[\[【(<〔]?\s*"
_END = r"(?=\s*$|\s|[\]】)>〕,，;；。])"
_IN_TEXT = {
    "密级标志": re.compile(rf"^{_BEFORE}{_LEVEL}\s*[\]】)>〕]?\s*{_STAR}\s*{_PERIOD}?(?:{_END}|(?=特急|加急|平急))"),
    "密级和期限": re.compile(rf"^{_BEFORE}{_LEVEL}\s*[(]?\s*{_PERIOD}\s*[)]?\s*[\]】)>〕]?\s*$"),
    "密级栏": re.compile(rf"^(?:.*\s)?密\s*级\s*[:：]\s*{_LEVEL}级?\s*(?:{_STAR})?\s*{_PERIOD}?(?:$|\s(?!\s*[□☐/、]))"),
}
# Not at the beginning of its line, but apart from what stands there; such a line is no sentence.
_APART = re.compile(rf"\s{_LEVEL}\s*{_STAR}\s*{_PERIOD}?{_END}")
_SENTENCE = re.compile("[,，。；;!！?？\"“”‘’'《》]")
# At the head of a paper the level alone is a mark, and one in brackets behind the title.
_HEAD = re.compile(
    rf"^{_BEFORE}{_LEVEL}(?:级|件)?\s*[\]】)>〕]?\s*$|(?:^|\s|[{_HAN}])[\[【(〔]\s*{_LEVEL}\s*(?:{_STAR})?\s*{_PERIOD}?\s*[\]】)〕]\s*$"
    rf"|(?:^|\s){_LEVEL}\s*{_STAR}"
)
_SHORT = 4  # letters: such lines, one below the other, are one mark written downwards


def is_marked(name: str) -> bool:
    """Whether a file name carries a mark such as 机密★10年."""
    stem = _plain(name)
    stem = stem.rpartition(".")[0] or stem
    return bool(_MARKS.search(stem.strip()))


def unmarked(name: str) -> str:
    """The name without its marks and its extension: what a register may say of the paper."""
    stem = _plain(name)
    stem = stem.rpartition(".")[0] or stem
    rest = re.sub(rf"{_LEVEL}(?:级|件)?\s*(?:{_STAR})?\s*(?:{_PERIOD})?", "", stem)
    return re.sub(r"[(\[【〔]\s*[)\]】〕]", "", rest).strip(" -_—·,.()（）[]【】")


def masked(name: str) -> str:
    """The name of a paper that is classified, or may be: enough for who sent it to know which."""
    stem, dot, extension = name.rpartition(".")
    stem = stem or extension
    last = next((letter for letter in reversed(stem) if letter.isalnum()), "")
    return f"{stem[:1]}＊＊＊{last if len(stem) > 2 else ''}（{len(stem)}字）{dot}{extension if dot else ''}"


def rule_of(head: Iterable[str], body: Iterable[str]) -> str:
    """By which rule one of these lines of a paper is a mark; "" where none is."""
    for line in _lines(head):
        if rule := _rule_anywhere(line):
            return rule
        if _HEAD.search(line):
            return "文首密级"
    return next((rule for line in _lines(body) if (rule := _rule_anywhere(line))), "")


def _rule_anywhere(line: str) -> str:
    for name, rule in _IN_TEXT.items():
        if rule.search(line):
            return name
    return "密级标志" if _APART.search(line) and not _SENTENCE.search(line) else ""


def _lines(lines: Iterable[str]) -> Iterator[str]:
    """As they are compared: one by one, and short ones that follow each other as one."""
    downwards: list[str] = []
    for line in lines:
        if "密" not in line and not downwards and len(line) > _SHORT:
            continue  # most lines
        plain = _plain(line).strip()
        yield plain
        if 0 < len(plain) <= _SHORT:
            downwards.append(plain)
            continue
        if len(downwards) > 1:
            yield "".join(downwards)
        downwards = []
    if len(downwards) > 1:
        yield "".join(downwards)


def _plain(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_TRADITIONAL)
