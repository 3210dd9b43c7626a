"""The WSGI application, for any server: `earnest.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "earnest.settings")
application = get_wsgi_application()
