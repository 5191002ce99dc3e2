"""The WSGI entry point that gunicorn serves."""

import gc
import os

from django.core.cache import cache
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DATABASE_PATIENCE", "8")
application = get_wsgi_application()

cache.clear()  # of the database before a restore, it may be
# What is loaded by now stays. To look through it for garbage again and again took pages a tenth of a second.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
