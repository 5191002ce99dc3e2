"""The key by which a list names what a record is to be created for: numbers joined by hyphens."""

from workflow.refusals import NoSuchMatter
from workflow.texts import parse_pk


def parse_key(key, parts):
    """The numbers in the key of a work item, as many as there are `parts`; raises NoSuchMatter."""
    numbers = [parse_pk(text) for text in key.split("-")]
    if len(numbers) != parts or min(numbers) < 0:
        raise NoSuchMatter("没有找到要填报的事项，请从列表中重新选择。")
    return numbers


def pick(things, pk, name):
    """The one of `things`, all of them this clerk's own, that a key names; raises NoSuchMatter."""
    found = things.filter(pk=pk).first()
    if found is None:
        raise NoSuchMatter(f"没有找到{name}。")
    return found
