"""The WSGI entry point that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.web.settings")
application = get_wsgi_application()
# Load every page's code before the workers fork: they share the memory, and no visitor waits for an import.
_pages = get_resolver().url_patterns
