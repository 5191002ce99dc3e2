"""检索: words in what a person may see. The tables themselves are searched; nothing is copied for it."""

from .form import SearchForm
from .results import ENOUGH, MOST, PREVIEW, Group, search
from .sources import SOURCES, Source

__all__ = ["ENOUGH", "MOST", "PREVIEW", "SOURCES", "Group", "SearchForm", "Source", "search"]
