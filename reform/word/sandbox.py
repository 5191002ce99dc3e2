"""What templates may say: they fill in names, repeat and choose; and their loops come to an end."""

from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_ROUNDS = 100_000  # of all loops of one document, and each of its rows a few times
ROUNDS_A_ROW = 5
DEEPEST = 4  # loops within loops

REFUSED_NODES: tuple[tuple[type[nodes.Node] | tuple[type[nodes.Node], ...], str], ...] = (
    (nodes.Call, "圆括号调用"),
    (nodes.Getitem, "方括号取值"),
    ((nodes.BinExpr, nodes.UnaryExpr), "运算"),
    ((nodes.Assign, nodes.AssignBlock), "赋值（set）"),
    ((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends), "对其他文件的引用（include、import、extends）"),
    ((nodes.Macro, nodes.CallBlock, nodes.Block), "宏和块（macro、call、block）"),
    ((nodes.List, nodes.Tuple, nodes.Dict), "列表"),
)


class Environment(ImmutableSandboxedEnvironment):
    """Fills in names, repeats and chooses: whatever else Jinja knows is refused before it runs."""

    NODES = (
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.For, nodes.If, nodes.Filter,
        nodes.Const, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test,
    )  # fmt: skip
    FILTERS = ("default", "first", "join", "last", "length")
    TESTS = ("defined", "even", "odd")

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in self.FILTERS}
        self.tests = {name: self.tests[name] for name in self.TESTS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        self._check(tree, 0)
        return tree

    def _check(self, node: nodes.Node, depth: int) -> None:
        if not isinstance(node, self.NODES):
            words = next((words for kinds, words in REFUSED_NODES if isinstance(node, kinds)), "这种写法")
            raise TemplateSyntaxError(f"不能使用{words}", getattr(node, "lineno", 1))
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise TemplateSyntaxError(f"不能使用“{node.attr}”", node.lineno)
        depth += isinstance(node, nodes.For)
        if depth > DEEPEST:
            raise TemplateSyntaxError(f"循环最多套 {DEEPEST} 层", node.lineno)
        for child in node.iter_child_nodes():
            self._check(child, depth)


class Rounds:
    """How many the loops of one document may still take."""

    def __init__(self) -> None:
        self.left = MOST_ROUNDS


class Rows(list[Any]):
    """A list whose loops come to an end."""

    def __init__(self, rows: Iterable[Any], rounds: Rounds) -> None:
        super().__init__(rows)
        self.rounds = rounds
        rounds.left += ROUNDS_A_ROW * len(self)

    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():
            if self.rounds.left <= 0:
                raise TemplateSyntaxError("循环次数过多", 1)
            self.rounds.left -= 1
            yield row
