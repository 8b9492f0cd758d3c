"""Somebody signs up an address that is not theirs. Whatever the order, the owner of the mailbox ends up with an account
that carries nothing of the stranger's, and the stranger with nothing."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from portal.accounts.models import SignUp, User
from tests.accounts import steps
from tests.support.crowd import share
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db
EVIL = {
    "full_name": "Eve Evil",
    "company": "Evil Ltd",
    "phone": "020 7946 0666",
    "password1": "eve knows this phrase 1",
}
LOGIN, STAGE = "/accounts/login/", "/accounts/2fa/"


def sign_up_both(first, second):
    """Returns the links of the victim's and of the stranger's mail."""
    links = {}
    for who in (first, second):
        steps.sign_up(Client(), **(EVIL if who == "stranger" else {}))
        links[who] = steps.link("activate/")
    return links["victim"], links["stranger"]


ORDERS = pytest.mark.parametrize(("first", "second"), [("stranger", "victim"), ("victim", "stranger")])


def assert_the_victims_own(password=steps.PASSWORD):
    user = User.objects.get(email=steps.EMAIL)
    assert (user.full_name, user.company, str(user.phone)) == ("Ada Example", "Engines Ltd", "+442079460958")
    assert steps.login(Client(), password=EVIL["password1"]).status_code == 422
    assert steps.login(Client(), password=password).url == STAGE


@ORDERS
def test_the_victim_opens_the_own_mail(first, second):
    own, _ = sign_up_both(first, second)
    assert steps.activate(Client(), url=own).url == STAGE
    assert_the_victims_own()


@ORDERS
def test_the_victim_opens_the_strangers_mail_and_types_the_own_password(first, second):
    _, evil = sign_up_both(first, second)
    assert steps.activate(Client(), url=evil).url == STAGE
    assert_the_victims_own()


@ORDERS
def test_the_other_link_is_dead_afterwards(first, second):
    own, evil = sign_up_both(first, second)
    steps.activate(Client(), url=own)
    for url in (own, evil):
        assert steps.activate(Client(), url=url, password=EVIL["password1"]).status_code == 410
        assert steps.activate_anew(Client(), url=url).status_code == 410
    assert_the_victims_own()
    assert not SignUp.objects.exists()


def test_a_victim_who_never_signed_up_opens_the_strangers_mail():
    steps.sign_up(Client(), **EVIL)
    accepted_by_the_stranger = SignUp.objects.get().created_at
    victim, url = Client(), steps.link("activate/")
    shown = steps.text(victim.get(url)) + steps.text(victim.get(f"{url}?anew"))
    assert "Eve" not in shown
    assert "Evil" not in shown
    assert steps.activate(victim, url=url).status_code == 422  # does not know the stranger's password
    assert not User.objects.exists()
    assert steps.activate_anew(victim, url=url).url == STAGE
    user = User.objects.get()
    assert (user.full_name, user.company, str(user.phone)) == ("Ada Anew", "", "+442079460999")
    assert user.terms_accepted_at > accepted_by_the_stranger
    assert steps.login(Client(), password=EVIL["password1"]).status_code == 422
    assert steps.login(Client(), password="another long passphrase 9").url == STAGE


def test_terms_are_accepted_by_who_activates(client):
    steps.sign_up(Client(), **EVIL)
    assert steps.activate_anew(client, terms="").status_code == 422
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "A\u202eB"),
        ("company", "A\nB"),
        ("phone", "1"),
        ("password1", "short"),
        ("password1", "ada@customer.example"),
        ("password1", ""),
        ("phone_country", "??"),
    ],
)
def test_each_bad_field_is_named(client, field, value):
    steps.sign_up(client)
    answer = steps.activate_anew(client, **{field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not User.objects.exists()


def test_the_stranger_holds_nothing_in_the_own_session(client):
    """Not even the browser that sent the form gets further when the victim activates."""
    steps.sign_up(client, **EVIL)
    steps.activate_anew(Client())
    assert client.get(STAGE).url == LOGIN
    assert client.get("/accounts/2fa/enrol/").url == LOGIN
    assert not steps.signed_in(client)


def test_asking_again_for_a_link_gives_each_browser_its_own_sign_up(client):
    steps.sign_up(client)
    steps.sign_up(Client(), **EVIL)
    steps.resend(client)
    assert SignUp.objects.count() == 2
    steps.activate(Client(), password=steps.PASSWORD)
    assert_the_victims_own()


def test_a_reset_makes_no_account_of_a_sign_up(client):
    steps.sign_up(Client(), **EVIL)
    steps.reset_mail(client)
    assert mail.outbox[-1].subject == "There is no account with this address"
    assert not User.objects.exists()


def test_this_was_not_me(client):
    own, evil = sign_up_both("victim", "stranger")
    answer = client.post(evil, {"discard": ""}, follow=True)
    assert "There is no account" in steps.text(answer)
    assert not SignUp.objects.exists()
    assert steps.activate(client, url=own).status_code == 410


def test_many_sign_ups_of_a_stranger_do_not_keep_the_victims_mail_away(client):
    """The number of mails is limited, but each link proves the mailbox: the victim's password opens it."""
    for _ in range(12):
        steps.sign_up(Client(), **EVIL)
    steps.sign_up(client)
    assert len(mail.outbox) == 3
    assert steps.activate(client).url == STAGE
    assert_the_victims_own()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_links_opened_at_once_make_one_account():
    own, evil = sign_up_both("stranger", "victim")
    both = [(own, steps.PASSWORD), (evil, EVIL["password1"])]
    answers = share(2, lambda each: steps.activate(Client(), url=each[0], password=each[1]).status_code, both)
    assert 302 in answers
    assert answers != [302, 302]
    assert User.objects.count() == 1
    assert not SignUp.objects.exists()


# -- by a change of address ---------------------------------------------------------------------------------------


@pytest.fixture
def eve(db):
    """Signed in, and waiting for the victim's address to be confirmed as hers. Returns (client, link)."""
    user, client = make_user(email="eve@evil.example"), Client()
    sign_in(client, user)
    EmailAddress.objects.create(user=user, email=steps.EMAIL)
    client.post("/accounts/email/", {"action_send": "", "email": steps.EMAIL})
    return client, steps.link("confirm-email/")


def test_the_victims_click_does_not_confirm_a_strangers_new_address(eve):
    _, link = eve
    victim = Client()
    for ask in (victim.get, victim.post):
        assert ask(link).url.startswith(f"{LOGIN}?next=")
    sign_in(victim, make_user(email="victim.elsewhere@customer.example"))
    for ask in (victim.get, victim.post):
        assert ask(link).status_code == 403
    assert steps.signed_in(victim)
    assert User.objects.filter(email="eve@evil.example").exists()


def test_an_address_that_waits_for_a_stranger_is_free_for_its_owner(eve):
    stranger, link = eve
    steps.sign_up(Client())
    assert steps.activate(Client()).url == STAGE
    assert_the_victims_own()
    assert stranger.post(link).status_code == 410
    assert User.objects.filter(email="eve@evil.example").exists()


def test_a_reset_at_such_an_address_is_not_for_the_strangers_account(eve):
    steps.reset_mail(Client())
    assert mail.outbox[-1].subject == "There is no account with this address"


def test_the_strangers_password_does_not_sign_in_with_such_an_address(eve):
    assert steps.login(Client()).status_code == 422  # everybody in these tests has the same password


def test_a_sign_up_is_void_when_the_address_got_an_account_in_the_meantime(client):
    steps.sign_up(client)
    make_user(email=steps.EMAIL)
    assert steps.activate(client).status_code == 422
    assert steps.activate_anew(client).status_code == 410
    assert User.objects.count() == 1
