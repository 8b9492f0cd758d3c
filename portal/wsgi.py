import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from portal.edge.affinity import pin_to_core
from portal.edge.bodies import BodiesMiddleware

if workers := os.environ.get("PINNED_WORKERS"):
    pin_to_core(int(workers))
application = BodiesMiddleware(get_wsgi_application())

from portal.checks import problems  # noqa: E402  needs the app registry

if found := problems():
    raise ImproperlyConfigured("Refusing to start:\n" + "\n".join(found))
_ = get_resolver().url_patterns  # or else the first caller waits for the modules of all views
