from django.core.management.base import BaseCommand, CommandError

from accounts.audit.verification import verify


class Command(BaseCommand):
    help = "Checks the audit log row by row, and names what was changed, removed or inserted."

    def handle(self, *args, **options):
        report = verify()
        if not report.findings:
            self.stdout.write(report.sentence)
            return
        raise CommandError("\n".join([report.sentence, *report.findings]))
