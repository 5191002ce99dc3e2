"""What a template is filled with beside plain text, numbers, lists and mappings: links, and words some of which are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """Text that leads to an absolute address."""

    text: str
    address: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Words:
    """A sentence or a cell, some parts of which are links."""

    parts: tuple[str | Link, ...] = ()

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    def __bool__(self) -> bool:
        return any(map(str, self.parts))
