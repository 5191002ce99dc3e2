"""Files without a row and rows without a file."""

import sys

from django.core.management.base import BaseCommand

from workflow.orphans import files_without_row, rows_without_file


class Command(BaseCommand):
    help = "列出没有登记的文件（中断的上传留下的，一天以上）和文件已丢失的登记；--delete 删除没有登记的文件。"

    def add_arguments(self, parser):
        parser.add_argument("--delete", action="store_true", help="删除没有登记的文件")

    def handle(self, *, delete, **options):
        orphans = list(files_without_row())
        for orphan in orphans:
            if delete:
                orphan.delete()
            self.stdout.write(f"{'已删除' if delete else '没有登记的文件'}：{orphan.place}")
        lost = list(rows_without_file())
        for row in lost:
            self.stdout.write(
                f"文件已丢失：{row._meta.verbose_name} {row.pk}，{row.name}，应在 {row.file.name}（请从备份恢复）"
            )
        if lost or (orphans and not delete):
            sys.exit(1)
