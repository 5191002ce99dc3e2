"""Whether the lights kept of each month's end say what follows from revisions and events."""

import sys

from django.core.management.base import BaseCommand

from reform.cockpit import month_lights
from reform.models import MonthLight


class Command(BaseCommand):
    help = "核对月末亮灯与沿革、流转记录是否一致，列出不一致之处；--fix 全部重新计算（按现行亮灯规则）。"

    def add_arguments(self, parser):
        parser.add_argument("--fix", action="store_true", help="重新计算")

    def handle(self, *, fix, **options):
        if fix:
            MonthLight.objects.all().delete()
            month_lights.catch_up()
        found = month_lights.differences()
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            sys.exit(1)
