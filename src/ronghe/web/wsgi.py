"""The WSGI entry point that gunicorn serves."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.web.settings")
application = get_wsgi_application()
# Load every page's code before the workers fork: they share the memory, and no visitor waits for an import.
_pages = get_resolver().url_patterns
# What other programs load where they need it.
for _name in ("pypinyin", "scipy.optimize", "scipy.sparse.csgraph", "scipy.special"):
    import_module(_name)
