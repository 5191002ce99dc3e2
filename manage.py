#!/usr/bin/env python3
"""Django's command line."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        settings.SECRET_KEY  # noqa: B018 - reads the environment
    except ImproperlyConfigured as error:
        sys.exit(f"设置有误：{error}")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"数据库没有应答：请检查 DATABASE_URL 是否正确、数据库服务是否已启动（{str(error).strip()}）")
