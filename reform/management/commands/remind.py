"""Messages before a month closes; for cron, every morning."""

from django.core.management.base import BaseCommand
from django.http import QueryDict

from reform.calendar import today, unknown_years
from reform.cockpit import forecasting, month_lights
from reform.cockpit.figures import Cockpit
from reform.forms.cockpit import CockpitForm
from reform.models.due_schedule import catch_up
from reform.reporting.burden import burdens_of_today
from reform.reporting.reminders import contribution_reminders, matter_reminders, reminders
from workflow.models import Message


class Command(BaseCommand):
    help = (
        "发送截止提醒：截止前第5、3、1个工作日和截止当天，以及配合材料、督办事项的提醒；上月结束后登记各项目的月末亮灯。"
        "可以重复运行，同一提醒只发一次。"
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="只列出要发送的内容，不发送")

    def handle(self, *, dry_run, **options):
        if not dry_run:
            catch_up()
            if month_lights.catch_up():
                forecasting.learn(today())
            Cockpit(CockpitForm(QueryDict())).prepare()
            burdens_of_today(today().year)
        messages = reminders(today()) + contribution_reminders(today()) + matter_reminders(today())
        if dry_run:
            for message in messages:
                self.stdout.write(f"{message.recipient.full_name}：{message.text}")
            self.stdout.write(f"共 {len(messages)} 条，未发送。")
            return
        sent = Message.objects.deliver(messages)
        self.stdout.write(f"已发送 {sent} 条，{len(messages) - sent} 条此前已发送。")
        for year in unknown_years():
            self.stderr.write(f"工作日历中没有 {year} 年的放假安排，请市委改革办导入。")
