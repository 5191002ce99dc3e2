"""`manage.py demo_city`: a city at work, for whoever wants to look around; how it is made stands in reform/demo."""

from django.core.management.base import BaseCommand
from django.db import connection

from accounts.models import User
from reform.demo.city import City


class Command(BaseCommand):
    help = "演示数据：单位、人员、各阶段的项目和一年的填报记录"

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="已有账号时不做任何事")
        parser.add_argument("--projects", type=int, default=100, help="项目总数（默认 100）")
        parser.add_argument("--years", type=int, default=1, help="填报记录的年数（默认 1）")
        parser.add_argument("--seed", type=int, default=0, help="随机种子：同一天、同一种子，得到同样的数据")

    def handle(self, *, if_empty, projects, years, seed, **options):
        if if_empty and User.objects.exists():
            return
        city = City(projects=projects, years=years, seed=seed)
        if city.exists():
            self.stdout.write("演示数据已经在库中。")
            return
        city.build()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # else the planner takes a full city for an empty one
