"""Conditions on text, the same on both databases: a word stands in it, whatever the case of its letters."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

LONGEST_QUERY = 100  # characters
MOST_WORDS = 8


def _cases(sign: str) -> list[str]:
    """A letter, and what it is in the other case."""
    return sorted({form for form in (sign, sign.lower(), sign.upper()) if len(form) == 1})


def has_case(word: str) -> bool:
    return any(len(_cases(sign)) > 1 for sign in word)


def pattern(word: str) -> re.Pattern[str]:
    """What the databases find, for who marks it."""
    return re.compile("".join(f"[{''.join(map(re.escape, _cases(sign)))}]" for sign in word))


def grams(word: str) -> list[str]:
    """What `search_grams` has of every text in which the word stands: its pairs of characters; of one, itself.

    Letters of which databases and Python may think differently are left to the comparison itself.
    """
    word = word.lower() if word.isascii() else "".join(sign.lower() if sign.isascii() else sign for sign in word)
    pairs = [word] if len(word) == 1 else [word[place : place + 2] for place in range(len(word) - 1)]
    return sorted({pair for pair in pairs if not has_case("".join(sign for sign in pair if not sign.isascii()))})


class Contains(Func):
    """Whether the word stands in the text. SQLite's LIKE knows the case of ASCII only: there it is GLOB."""

    output_field = BooleanField()

    def __init__(self, field: str, word: str) -> None:
        super().__init__(F(field), Value(word))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        column, word = self._parts(compiler)
        signs = (sign if sign in "]^" else f"[{''.join(_cases(sign))}]" for sign in word)
        return f"({column} GLOB %s)", (f"*{''.join(signs)}*",)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        column, word = self._parts(compiler)
        like = "%" + re.sub(r"([\\%_])", r"\\\1", word) + "%"
        # Where there is no case, the text as it is: making it lower takes longer than looking through it.
        if has_case(word):
            return f"(lower({column}) LIKE lower(%s))", [like]
        return f"({column} LIKE %s)", [like]

    def _parts(self, compiler: Any) -> tuple[str, str]:
        column, word = self.get_source_expressions()
        return compiler.compile(column)[0], word.value


class HasGrams(Func):
    """Whether these grams are all among those of the columns: what the indexes of `gram_index` answer."""

    output_field = BooleanField()

    def __init__(self, columns: Sequence[str], wanted: list[str]) -> None:
        super().__init__(*map(F, columns))
        self.wanted = wanted

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        columns = ", ".join(compiler.compile(column)[0] for column in self.get_source_expressions())
        return f"(search_grams(ARRAY[{columns}]::text[]) @> %s::text[])", [self.wanted]


def containing(found: QuerySet, words: list[str], fields: Sequence[str]) -> QuerySet:
    """Those of `found` that have each word in one of these fields."""
    for word in words:
        found = found.filter(Q(*(Q(Contains(field, word)) for field in fields), _connector=Q.OR))
    return found


def with_grams(found: QuerySet, words: list[str], fields: Sequence[str]) -> QuerySet:
    """Those of `found` that may have the words there, by their index; on PostgreSQL alone."""
    wanted = sorted({gram for word in words for gram in grams(word)})
    return found.filter(HasGrams(fields, wanted)) if wanted else found
