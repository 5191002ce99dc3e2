"""Whether the audit log is what was written."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Max

from accounts.audit.anchors import Anchor, AnchorFile, read_anchors
from accounts.audit.chain import ALGORITHMS, hash_of, is_sealed, unlinked
from accounts.audit.entries import AuditEntry, AuditLink
from accounts.audit.former import differences

MOST_FINDINGS = 50


@dataclass
class Report:
    """What a verification found: `findings` are sentences, each naming a row; none where all is as it was written."""

    linked: int = 0
    passed_over: int = 0  # older links, where the newest alone were asked for
    waiting: int = 0  # written, not yet in the chain
    last: int = 0  # the last place of the chain
    anchored: int = 0  # the place of the last anchor
    cut_off: list[int] = field(default_factory=list)  # lines of the file of anchors that were not written to their end
    findings: list[str] = field(default_factory=list)
    more: int = 0  # findings beyond those

    def add(self, finding: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
        else:
            self.more += 1

    @property
    def sentence(self) -> str:
        counts = f"{'最近 ' if self.passed_over else '共校验 '}{self.linked} 条，待入链 {self.waiting} 条"
        anchored = f"，已锚定至第 {self.anchored} 号" if self.anchored else "，尚无锚点"
        if self.cut_off:
            lines = "、".join(map(str, self.cut_off))
            anchored += f"；锚点文件第 {lines} 行没有写完（例如写入时断电），未采用"
        if not self.findings:
            return f"校验通过：{counts}{anchored}。"
        return f"校验不通过：发现 {len(self.findings) + self.more} 处问题（{counts}{anchored}）。"


def verify(newest: int | None = None, *, using: str = DEFAULT_DB_ALIAS, until: Anchor | None = None) -> Report:
    """Of all, or of the newest links and what came after them; or of a copy, which ended there when it was made."""
    report = Report()
    links, waiting = AuditLink.objects.using(using), unlinked(AuditEntry.objects.using(using))
    file = AnchorFile()
    try:
        file = read_anchors()  # first: the chain only grows meanwhile
    except OSError as error:
        report.add(f"锚点文件不能读取：{error}。")
    kept: list[Anchor] = [*file.anchors]
    report.cut_off = file.cut_off
    for finding in file.findings:
        report.add(finding)
    if until is not None:
        made = datetime.fromisoformat(until.at)
        kept = [*(anchor for anchor in kept if datetime.fromisoformat(anchor.at) < made), until]
    if newest is not None:
        end = links.aggregate(end=Max("position"))["end"] or 0
        report.passed_over = max(0, end - newest)
        last_passed_over = links.filter(position=report.passed_over).values_list("entry", flat=True).first()
        waiting = waiting.filter(pk__gt=last_passed_over or 0)
    hashes = _check_links(report, links, {anchor.position for anchor in kept})
    _check_anchors(report, kept, hashes)
    if newest is None:
        for difference in differences(using):
            report.add(difference)
    for entry in waiting.iterator():
        if is_sealed(entry):
            report.waiting += 1
        else:
            report.add(f"编号 {entry.pk} 的日志不是系统写入的（{entry}）。")
    return report


def _check_links(report, links, anchored):
    """Every link with its entry; returns the hashes of those anchored."""
    hashes, expected = {}, report.passed_over + 1
    previous = links.filter(position=report.passed_over).values_list("hash", flat=True).first() or ""
    for link in links.filter(position__gt=report.passed_over).select_related("entry").order_by("position").iterator():
        entry, place = link.entry, f"第 {link.position} 号（编号 {link.entry_id}，{link.entry}）"
        if link.position != expected:
            gone = f"第 {expected} 号"
            if link.position - 1 > expected:
                gone += f"至第 {link.position - 1} 号"
            report.add(f"{gone}日志被删除。")
        elif link.previous != previous:
            report.add(f"{place}与前一条不相连。")
        if not is_sealed(entry):
            report.add(f"{place}的内容被改动。")
        elif link.algorithm not in ALGORITHMS or not hmac.compare_digest(hash_of(link, entry.seal), link.hash):
            report.add(f"{place}的链校验值被改动。")
        if link.position in anchored:
            hashes[link.position] = link.hash
        expected, previous = link.position + 1, link.hash
        report.linked += 1
    report.last = expected - 1
    return hashes


def _check_anchors(report, kept, hashes):
    report.anchored = max((anchor.position for anchor in kept), default=0)
    if report.anchored > report.last:
        gone = f"第 {report.last + 1} 号"
        if report.anchored > report.last + 1:
            gone += f"至第 {report.anchored} 号"
        report.add(f"末尾被截断：锚点已记到第 {report.anchored} 号，{gone}日志被删除。")
    for anchor in kept:
        if anchor.position in hashes and anchor.hash != hashes[anchor.position]:
            report.add(f"第 {anchor.position} 号与 {anchor.at} 的锚点不符，此前的日志被改写。")
