"""What is found in a file: its text, and why it is not taken."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from workflow.filetypes import Unacceptable

SCRIPTS = "文件含有脚本，请用打印的方式另存为 PDF 后再上传。"
ACTIONS = "文件含有会自动运行程序、提交或导入数据的动作，请用打印的方式另存为 PDF 后再上传。"
ATTACHED = "文件中嵌有其他文件，请取出后单独上传，并重新导出不带附件的文件。"
EMBEDDED = "文件中嵌有其他程序的对象，请转为文字、表格或图片后再上传。"
OUTSIDE = "文件引用了外部内容（{}），打开时会从别处读取，请断开链接后另存，再上传。"
DDE = "文件含有动态数据链接（DDE）或外部域，请转为普通文字或数值后再上传。"
RUNS = "文件含有运行程序的按钮或链接，请删除后再上传。"

MOST_HEAD = 8  # lines at the beginning, where official papers bear their marks
PROGRAMS = (b"MZ", b"\x7fELF", b"#!")


@dataclass
class Text:
    """Lines of a document: of its head (headers, footers and properties included), and all others."""

    head: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)

    def begin_with(self, lines: Iterable[str]) -> None:
        """These are the text from its first line on."""
        lines = [line for line in lines if line.strip()]
        self.head += lines[:MOST_HEAD]
        self.body += lines[MOST_HEAD:]


def refuse(sentence: str) -> None:
    raise Unacceptable(sentence)
