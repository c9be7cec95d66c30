"""The Celery application: `celery -A carrefour worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carrefour.settings")
app = Celery("carrefour")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
