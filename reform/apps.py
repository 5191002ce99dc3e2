from django.apps import AppConfig


class ReformConfig(AppConfig):
    name = "reform"
    verbose_name = "重大改革项目"
