import axes.apps
from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "组织与账号"
    default = True

    def ready(self):
        from accounts import checks  # noqa: F401  (registers itself; Django's own way)


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "accounts.site.Site"
    verbose_name = "操作日志"


class AxesConfig(axes.apps.AppConfig):
    default = False
    verbose_name = "登录日志"
