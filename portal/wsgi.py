import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from portal.edge.bodies import BodiesMiddleware

application = BodiesMiddleware(get_wsgi_application())

from portal.checks import problems  # noqa: E402  needs the app registry

if found := problems():
    raise ImproperlyConfigured("Refusing to start:\n" + "\n".join(found))
