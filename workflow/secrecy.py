"""Marks of secrecy (密级标志) in the name or at the head of a file: a level that stands as a mark, not as a word."""

import re
import unicodedata

_HAN = "\u4e00-\u9fff"
_TRADITIONAL = str.maketrans("機絕祕級長", "机绝秘级长")
_LEVEL = r"(?:绝\s?密|机\s?密|秘\s?密)"
_YEARS = r"(?:\d+|[一二三四五六七八九十]+)\s*年|\d+\s*个?月|长期"
# 商业秘密 and the like are words of their own, wherever they stand.
_NO_WORD = "".join(
    f"(?<!{word})" for word in "商业 国家 工作 技术 经营 军事 企业 个人 核心 保守 保护 泄露 涉及 的 杜 拒 谢".split()
)
_MARKS = re.compile(
    rf"{_LEVEL}\s*[★☆*]"  # as it is printed: 机密★10年
    rf"|{_NO_WORD}{_LEVEL}\s*[（(]?\s*(?:{_YEARS})"  # the same without the star
    rf"|^绝\s?密|{_NO_WORD}{_LEVEL}$"  # opens or closes the name
    rf"|(?<![{_HAN}]){_LEVEL}(?:级|件|文件|材料)?(?![{_HAN}])"  # stands by itself
)
# At the head of a paper, alone in its line or beside the number of the copy: 机密★1年, 密级：秘密.
_HEAD = re.compile(rf"(?:^|\s){_LEVEL}\s*[★☆*]|^(?:密\s*级\s*[:：]\s*)?{_LEVEL}\s*(?:{_YEARS})?$")


def is_marked(name: str) -> bool:
    """Whether a file name carries a mark such as 机密★10年."""
    stem = _plain(name)
    stem = stem.rpartition(".")[0] or stem
    return bool(_MARKS.search(stem.strip()))


def is_headed(lines: list[str]) -> bool:
    """Whether one of the first lines of a paper is a mark."""
    return any(_HEAD.search(_plain(line).strip()) for line in lines)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_TRADITIONAL)
