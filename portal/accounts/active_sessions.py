"""Where a person is signed in: the list, ending one of them, and ending all but this."""

from typing import cast

from allauth.usersessions.internal.flows.sessions import end_other_sessions, end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache

from portal.accounts import events
from portal.accounts.models import User
from portal.accounts.sign_in import read_and_write
from portal.core.network import client_address
from portal.core.pages import post_only


def person(request: HttpRequest) -> User:
    return cast(User, request.user)  # the middleware let nobody else through


def alive(request: HttpRequest) -> list[UserSession]:
    """The one that is looked with first, then the one used last. Three queries, however many there are."""
    user = person(request)
    known = {each.session_key: each for each in UserSession.objects.filter(user=user)}
    rows = Session.objects.filter(session_key__in=known, expire_date__gt=timezone.now())
    found = [known.pop(row.session_key) for row in rows if _is_of(row, user)]
    if known:
        UserSession.objects.filter(pk__in=[each.pk for each in known.values()]).delete()
    return sorted(found, key=lambda each: (not each.is_current(), -each.last_seen_at.timestamp()))


def _is_of(row: Session, user: User) -> bool:
    """Not after a new password, nor after the sessions of an account were ended as a whole."""
    given = row.get_decoded().get(HASH_SESSION_KEY, "")
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(given, each) for each in hashes)


@never_cache
@read_and_write
def listing(request: HttpRequest) -> HttpResponse:
    """POST ends all but this one."""
    if request.method == "POST":
        with transaction.atomic():
            _record(request, "sessions.ended")
            end_other_sessions(request, person(request))
        messages.success(request, "You have been signed out everywhere else.")
        return redirect("usersessions_list")
    return render(request, "usersessions/usersession_list.html", {"sessions": alive(request)})


@never_cache
@post_only("usersessions_list")
def end(request: HttpRequest) -> HttpResponse:
    """One of the person's own. The session itself is deleted: whoever has its cookie is a stranger from then on."""
    given = request.POST.get("session", "")
    chosen = UserSession.objects.filter(
        user=person(request), pk=int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
    ).first()
    if chosen is None:
        messages.info(request, "This session has ended already.")
        return redirect("usersessions_list")
    current = chosen.is_current()
    with transaction.atomic():
        if not current:  # that is signing out
            _record(request, "session.ended", browser=chosen.user_agent[:200])
        end_sessions(request, [chosen])
    if current:
        return redirect("account_login")
    messages.success(request, "The session was ended.")
    return redirect("usersessions_list")


def _record(request: HttpRequest, action: str, **data: str) -> None:
    user = person(request)
    events.record(user=user, action=action, by=user, ip=client_address(request), **data)
