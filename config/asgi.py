"""HTTP and sockets, for any ASGI server. Daphne is the product's."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DB_POOL", "1")

from django.core.asgi import get_asgi_application  # noqa: E402

application = get_asgi_application()
