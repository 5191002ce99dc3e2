"""Papers that bear a mark of secrecy, and papers that only speak of secrecy."""

import io
import struct

from docx import Document
from openpyxl import Workbook
from openpyxl.comments import Comment

from fixtures import sample_files
from tests.active_content import document
from tests.documents import ole, open_xml, workbook_stream

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
BODY = ("关于印发《改革方案》的通知", "各区县党委：", "现将《改革方案》印发给你们，请结合实际认真贯彻落实。")


def paper(*lines, header="", footer="", table=(), properties=None):
    """A docx by python-docx."""
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    for row in table:
        cells = made.add_table(1, len(row)).rows[0].cells
        for cell, words in zip(cells, row, strict=True):
            cell.text = words
    made.sections[0].header.paragraphs[0].text = header
    made.sections[0].footer.paragraphs[0].text = footer
    for name, value in (properties or {}).items():
        setattr(made.core_properties, name, value)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def book(*rows, title="台账", header="", comment="", properties=None):
    """An xlsx by openpyxl."""
    made = Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    sheet.oddHeader.right.text = header
    if comment:
        sheet["A1"].comment = Comment(comment, "x")
    for name, value in (properties or {}).items():
        setattr(made.properties, name, value)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def runs(*pieces):
    return "<w:p>" + "".join(f"<w:r><w:t>{piece}</w:t></w:r>" for piece in pieces) + "</w:p>"


def slides(*lines, number=1):
    text = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return open_xml("pptx", **{f"ppt__slides__slide{number}.xml": f'<p xmlns:a="{A}">{text}</p>'})


def old_paper(*lines):
    """A WordDocument stream whose text begins where its header says."""
    start = struct.pack("<HHHHHHHHHHHHI", 0xA5EC, 0xC1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64).ljust(64, b"\0")
    return ole({"WordDocument": start + "\r".join(lines).encode("utf-16-le")})


def old_book(*cells):
    strings = b"".join(struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le") for cell in cells)
    return ole({"Workbook": workbook_stream((0xFC, struct.pack("<II", len(cells), len(cells)) + strings))})


BOX = '<w:p><w:r><w:pict><v:textbox xmlns:v="v"><w:txbxContent>{}</w:txbxContent></v:textbox></w:pict></w:r></w:p>'
LONG = ["改革任务按月推进，各单位按要求报送。"] * 400

MARKED = {
    "a line of its own": ("docx", paper("机密★10年", *BODY)),
    "without a period": ("docx", paper("秘密★", *BODY)),
    "with spaces": ("docx", paper("机密 ★ 1 年", *BODY)),
    "in wide letters": ("docx", paper("机　密　★　２０年", *BODY)),
    "traditional": ("docx", paper("機密★二十年", *BODY)),
    "split over runs": ("docx", document(runs("机", "密", "★", "10", "年"))),
    "a star by a symbol": (
        "docx",
        document('<w:p><w:r><w:t>秘密</w:t><w:sym w:font="Wingdings" w:char="F0AB"/><w:t>5年</w:t></w:r></w:p>'),
    ),
    "beside the number of the copy": ("docx", paper("000012　秘密★1年　特急", *BODY)),
    "in a header": ("docx", paper(*BODY, header="机密★5年")),
    "the level alone in a footer": ("docx", paper(*BODY, footer="秘密")),
    "in a text box": ("docx", document(runs(*BODY) + BOX.format(runs("绝密★长期")))),
    "written downwards": ("docx", paper("机", "密", "★", "十年", *BODY)),
    "after 400 lines": ("docx", paper(*LONG, "机密★10年", "附件2")),
    "the level alone at the head": ("docx", paper("绝密", *BODY)),
    "behind the title": ("docx", paper("关于某事项的请示（机密）", *BODY)),
    "a line of 密级": ("docx", paper(*LONG, "密级：秘密   保密期限：5年")),
    "in a cell of a table": ("docx", paper(*BODY, table=[["密级", "机密★5年"]])),
    "of a paper of examination": ("docx", paper("绝密★启用前", *BODY)),
    "in a watermark": (
        "docx",
        open_xml("docx", **{"word__header1.xml": '<hdr><p><textpath string="机密★10年"/></p></hdr>'}),
    ),
    "in the properties": ("docx", paper(*BODY, properties={"keywords": "机密★10年"})),
    "in a workbook": ("xlsx", book(["机密★5年"], ["单位", "数量"])),
    "in a header of a sheet": ("xlsx", book(["单位", "数量"], header="秘密★1年")),
    "in a comment of a cell": ("xlsx", book(["单位", "数量"], comment="机密★5年")),
    "as the name of a sheet": ("xlsx", book(["单位"], title="机密★5年")),
    "after 400 rows": ("xlsx", book(*([f"任务{number}"] for number in range(400)), ["秘密★3年"])),
    "on a slide": ("pptx", slides("机密★10年", "改革方案")),
    "on a later slide": ("pptx", slides("改革方案", "机密★10年", number=7)),
    "in a pdf": ("pdf", sample_files.pdf("机密★10年")),
    "in a pdf, without a star": ("pdf", sample_files.pdf("秘密 5年")),
    "in an ofd": ("ofd", sample_files.ofd("机密★10年")),
    "in a text of old": ("doc", old_paper("机密★10年", *BODY)),
    "the level alone in a text of old": ("wps", old_paper("秘密", *BODY)),
    "in a workbook of old": ("xls", old_book("单位", "机密★5年", "数量")),
    "in slides of old": ("dps", ole({"PowerPoint Document": "改革\0机密★10年\0".encode("utf-16-le")})),
    "as wps saves it": ("wps", paper("机密★10年", *BODY)),
}  # fmt: skip

SPOKEN_OF = (
    "严守国家秘密，做到守口如瓶。", "保护企业商业秘密，完善知识产权制度。", "特急", "加急", "平急",
    "机密要求：各单位按权限办理。", "国家秘密的密级分为绝密、机密、秘密三级。",
    "绝密级国家秘密是最重要的国家秘密，保密期限不超过30年。", "机密级不超过20年，秘密级不超过10年。",
    "文件首页左上角标注“机密★10年”字样。", "国家秘密标志形式为密级★保密期限。", "涉密人员分为核心、重要和一般三类。",
    "定密工作要求：机密级事项须逐级审批。", "本报告不涉密，可以公开。", "密级：公开", "密级：□绝密 □机密 □秘密",
    "密级：绝密/机密/秘密（按实际填写）", "关于印发机密计算平台建设方案的通知", "推进隐私计算与机密计算2026年试点",
    "不得通过互联网传递秘密文件。", "经过保密审查，未发现秘密事项。", "建立工作秘密管理制度，明确责任。",
    "《机密级事项管理办法》第3条", "加强密码应用，杜绝密码明文存储。", "司机密切配合，飞机密封件国产化率提高。",
    "人才评价★★★★★", "★ 重点任务：营商环境", "三星级★★★ 秘密花园景区", "保密期限 10年", "投票采用秘密方式，3年一次。",
    "开展保密宣传教育，窃密案例警示。", "改革的秘密在于调动积极性。", "标明机密★10年的文件由机要室保管。",
)  # fmt: skip
HEADINGS = ("保密工作总结", "国家秘密定密管理办法", "商业秘密保护改革方案", "数据要素市场化改革方案", "月度工作报告")


def clean(number):
    """(extension, content) of the paper of this number: one of five formats, with three of those sentences."""
    heading = HEADINGS[number % 5]
    said = [SPOKEN_OF[(number * 3 + step) % len(SPOKEN_OF)] for step in range(3)]
    rest = [f"{number}. 全市共完成改革任务{number * 7 % 90}项。", "特此报告。"]
    kind = number // 5 % 5
    if kind == 0:
        return "docx", paper(heading, *said, *rest, header="市委改革办", table=[["保密要求", said[0]]])
    if kind == 1:
        return "xlsx", book(["序号", "任务"], *([place, line] for place, line in enumerate([heading, *said, *rest])))
    if kind == 2:
        return "pptx", slides(heading, *said, *rest)
    if kind == 3:
        return "doc", old_paper(heading, *said, *rest)
    return ("pdf", sample_files.pdf(said[0])) if number % 2 else ("ofd", sample_files.ofd(said[0]))
