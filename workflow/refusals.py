"""Why something asked for is not done, in Chinese, to the person who asked."""

from collections.abc import Sequence

from django.core.exceptions import ObjectDoesNotExist

from accounts.models import User
from accounts.waiting import BUSY

from .models import Problem, Record

CLOSED = "项目已销号（督办事项已办结），不再办理填报。"


class ActionRefused(Exception):
    """The action cannot be done; the message says why, in Chinese, to the person who asked."""


class StaleVersion(ActionRefused):
    """Somebody was quicker, or the same person on another page: the record is no longer the one that was shown."""

    def __init__(self, record: Record, user: User) -> None:
        latest = record.events.first()
        if latest and latest.version >= record.version - 1:
            done = "您已办理过" if latest.actor_id == user.pk else f"{latest.actor_name}已先一步办理"
            super().__init__(f"{done}，这条记录现在是“{record.get_state_display()}”，请核对后再操作。")
        else:
            super().__init__("这条记录刚刚被修改过，请核对最新内容后再操作。")


class Gone(ActionRefused, Record.DoesNotExist):
    """There is no such record for this person, or not any more: somebody discarded it."""

    def __init__(self) -> None:
        super().__init__("这条记录已不存在，可能刚刚被删除。")


class NoSuchMatter(ActionRefused, ObjectDoesNotExist):
    """There is nothing of that name on which this person could report."""


class Closed(ActionRefused):
    """Nothing is filed in a dossier any more."""

    def __init__(self) -> None:
        super().__init__(CLOSED)


class Busy(ActionRefused):
    """The database did not come to it in time: a lock was held too long."""

    def __init__(self) -> None:
        super().__init__(BUSY)


class Incomplete(ActionRefused):
    """上报 found problems; `problems` lists all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"还有 {len(problems)} 处需要修改，修改后才能上报。")
        self.problems = problems


class NotAll(ActionRefused):
    """Of several records at once none was touched: `refusals` has the keys of those in the way, and why."""

    def __init__(self, refusals: Sequence[tuple[int, ActionRefused]]) -> None:
        super().__init__(f"有 {len(refusals)} 件不能办理，所选记录均未办理。")
        self.refusals = refusals


class ClosedItem(ActionRefused):
    """Something would change that was not sent back."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name or '这部分内容'}没有退回，不能修改；确需修改的，请在填报页面“另行要求打开”。")
