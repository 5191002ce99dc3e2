"""Whether the table of what is due says what follows from the records."""

import sys

from django.core.management.base import BaseCommand

from reform.models import due_schedule


class Command(BaseCommand):
    help = "核对应报事项与填报记录是否一致，列出不一致之处；--fix 按填报记录改正（过去的截止日期不变）。"

    def add_arguments(self, parser):
        parser.add_argument("--fix", action="store_true", help="按填报记录改正")

    def handle(self, *, fix, **options):
        if fix:
            due_schedule.rebuild()
        found = due_schedule.differences()
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            sys.exit(1)
