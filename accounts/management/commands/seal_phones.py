"""Store telephone numbers as PHONE_KEY says: sealed with it, or plain where there is none."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction
from django.db.models.functions import Cast

from accounts.locks import sealed_name
from accounts.sealing import NAME, SealedCharField, seal, unseal


class Command(BaseCommand):
    help = "按 PHONE_KEY 重新存放手机号（该密钥设置、更换、取消后运行一次；原来的密钥由 FORMER_PHONE_KEY 给出）"
    requires_system_checks = []  # one of them asks for this command

    @transaction.atomic
    def handle(self, *args, **options):
        changed = 0
        for model in apps.get_models():
            for field in model._meta.local_concrete_fields:
                if isinstance(field, SealedCharField):
                    changed += self._store(model, field.name, lambda plain: seal(plain, settings.PHONE_KEY))
        for model in (AccessAttempt, AccessFailureLog, AccessLog):
            changed += self._store(model, "username", lambda plain: sealed_name(None, {"username": plain}))
        self.stdout.write(f"已重新存放 {changed} 处手机号。")

    def _store(self, model, name, stored_as):
        # Compared as text: neither sealed again nor opened on the way.
        rows = model._base_manager.annotate(stored=Cast(name, models.TextField())).exclude(stored="")
        changed = 0
        for stored in rows.order_by("stored").values_list("stored", flat=True).distinct():
            wanted = stored_as(self._opened(stored))
            if wanted != stored:
                changed += rows.filter(stored=stored).update(**{name: models.Value(wanted, models.TextField())})
        return changed

    def _opened(self, stored):
        for secret in (settings.PHONE_KEY, settings.FORMER_PHONE_KEY):
            plain = unseal(stored, secret)
            if not plain.startswith(NAME):
                return plain
        raise CommandError("有手机号不是用 PHONE_KEY 或 FORMER_PHONE_KEY 加密的，没有作任何改动。")
