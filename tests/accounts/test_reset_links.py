"""A link with which a new password is chosen, before and after it was opened: good once, for an hour, and only as long
as everything that it rests on."""

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.utils.http import int_to_base36

from portal.accounts import second_factor, staff_changes
from portal.accounts.models import User
from tests.accounts import steps
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
NEW = "another long passphrase 7"


def a_link():
    steps.reset_mail(Client())
    return steps.link("password/reset/key")


def opened(url):
    """A browser that opened the link (allauth keeps the key in its session), and the page it got to."""
    client = Client()
    return client, client.get(url).url


def choose(client, page):
    """Whether the password was changed."""
    before = User.objects.get(email__in=[steps.EMAIL, "moved@customer.example"]).password
    client.post(page, {"password1": NEW})
    return User.objects.get(email__in=[steps.EMAIL, "moved@customer.example"]).password != before


def by_staff(**rights):
    user, staff = User.objects.get(email=steps.EMAIL), make_user(is_superuser=True)
    before = staff_changes.rights_of(user)
    User.objects.filter(pk=user.pk).update(**rights)
    user.refresh_from_db()
    staff_changes.announce_rights(user=user, before=before, by=staff, ip="", reason="x")


def put_on_hold():
    User.objects.update(is_active=False)


def put_on_hold_and_open_again():
    by_staff(is_active=False)
    by_staff(is_active=True)


def end_sessions():
    User.objects.get(email=steps.EMAIL).end_sessions()


def reset_second_factor():
    user = User.objects.get(email=steps.EMAIL)
    staff_changes.reset_second_factor(user=user, by=make_user(is_superuser=True), ip="")


def move_to_another_address():
    user = User.objects.get(email=steps.EMAIL)
    staff_changes.change_email(
        user=user, email="moved@customer.example", by=make_user(is_superuser=True), ip="", reason="x"
    )


def retire_password():
    second_factor.retire_password(user=User.objects.get(email=steps.EMAIL))


def use_another_link():
    assert choose(*opened(a_link()))


ENDS = [
    put_on_hold,
    put_on_hold_and_open_again,
    end_sessions,
    reset_second_factor,
    move_to_another_address,
    retire_password,
    use_another_link,
]


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_with_what_it_rests_on(user, end):
    url = a_link()
    client, page = opened(url)
    end()
    assert not choose(client, page)
    fresh = Client().get(url)
    assert fresh.status_code == 200  # a page that says so, and no way on
    assert not choose(Client(), url)


def test_it_is_good_once(user):
    url = a_link()
    first, second = opened(url), opened(url)
    assert choose(*first)
    assert not choose(*first)
    assert not choose(*second)


def test_after_an_hour_not_even_an_opened_one_is_good(user):
    with time_machine.travel(steps.NOON, tick=False) as clock:
        client, page = opened(a_link())
        clock.shift(settings.PASSWORD_RESET_TIMEOUT + 1)
        assert not choose(client, page)


def test_an_opened_one_is_for_its_own_account(user):
    client, page = opened(a_link())
    other = make_user()
    before = other.password
    assert f"/{int_to_base36(user.pk)}-" in page
    client.post(page.replace(f"/{int_to_base36(user.pk)}-", f"/{int_to_base36(other.pk)}-"), {"password1": NEW})
    other.refresh_from_db()
    assert other.password == before


@pytest.mark.parametrize("happens", ["another link", "an address that waits"])
def test_strangers_do_not_void_it(user, happens):
    client, page = opened(a_link())
    if happens == "another link":
        a_link()
    else:
        EmailAddress.objects.create(user=user, email="waits@customer.example")
    assert choose(client, page)
