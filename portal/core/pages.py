"""Which addresses a browser can open, and on which page the form of an address that only takes POST stands.

Whoever has to sign in first, or types such an address, is led to a page. tests/access walks all addresses.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.core.htmx import is_htmx

View = Callable[..., Any]
LONGEST = 2000  # characters of an address that somebody is led back to
READS = ("GET", "HEAD")
Decorated = TypeVar("Decorated", bound=View)


class Page(NamedTuple):
    """The name of an address, and which of the view's own arguments it takes."""

    name: str
    taken: tuple[str, ...] = ()

    def address(self, arguments: dict[str, Any]) -> str:
        return reverse(self.name, args=[arguments[each] for each in self.taken])


def annotate(view: Decorated, **facts: Any) -> Decorated:
    """Facts about a view, as attributes of it."""
    vars(view).update(facts)
    return view


def post_only(name: str = "", *taken: str) -> Callable[[View], View]:
    """Instead of Django's ``require_POST``. ``name``: the page with the form, to which GET leads a person; programs
    have no page and get a 405 like everybody who asks in another way."""

    def decorate(view: View) -> View:
        page = Page(name, taken) if name else None

        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if page and request.method in READS and not by_script(request):
                return redirect(page.address(kwargs))
            return HttpResponseNotAllowed(["POST"])

        return annotate(wrapped, post_only=True, page=page)

    return decorate


def part_of(name: str, *taken: str) -> Callable[[View], View]:
    """For a view that answers with a fragment, a table or a file: the page that leads there, with the same query."""

    def decorate(view: View) -> View:
        return annotate(view, page=Page(name, taken))

    return decorate


def carries(*fields: str) -> Callable[[View], View]:
    """For a view whose page, opened by GET, needs these fields of the form in its address."""

    def decorate(view: View) -> View:
        return annotate(view, carried=fields)

    return decorate


def by_script(request: HttpRequest) -> bool:
    """Whether the answer goes to a script instead of becoming the page: htmx, fetch, or a program."""
    headers = request.headers
    return (
        is_htmx(request)
        or headers.get("Sec-Fetch-Dest") == "empty"
        or "X-Requested-With" in headers
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )


def match_of(address: str) -> ResolverMatch | None:
    try:
        return resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return None


def is_page(address: str) -> bool:
    """Whether GET opens the address (a path of ours, with or without host and query)."""
    match = match_of(address)
    return match is not None and not getattr(match.func, "post_only", False)


def current_page(request: HttpRequest) -> str:
    """The page that the person is on, or wanted to open: path and query, one that GET opens; "" when there is none."""
    own = request.get_full_path()
    if is_htmx(request):
        candidates = [_ours(request, request.headers.get("HX-Current-URL", "")), _declared(request), own]
    elif request.method in READS and not by_script(request):
        candidates = [_declared(request), own]
    else:
        candidates = [_carried(request), *_before(request), _declared(request)]
    return next((each for each in candidates if each and len(each) <= LONGEST and is_page(each)), "")


def _before(request: HttpRequest) -> list[str]:
    """Of a form: its own address where that is a page, with the query that it was opened with; else where it stood."""
    came_from, own = _ours(request, request.headers.get("Referer", "")), request.get_full_path()
    if by_script(request) or urlsplit(came_from).path == request.path:
        return [came_from]
    return [own, came_from]


def _ours(request: HttpRequest, address: str) -> str:
    """Path and query of an address that a browser says it is at; "" when that is another site's."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return ""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _declared(request: HttpRequest) -> str:
    match = request.resolver_match
    page = getattr(match.func, "page", None) if match else None
    if page is None or match is None:
        return ""
    query = request.GET.urlencode() if request.method in READS else ""
    return str(page.address(match.kwargs)) + (f"?{query}" if query else "")


def _carried(request: HttpRequest) -> str:
    match = request.resolver_match
    fields = getattr(match.func, "carried", ()) if match else ()
    pairs = [(name, value) for name in fields for value in request.POST.getlist(name)]
    return f"{request.path}?{urlencode(pairs)}" if pairs else ""
