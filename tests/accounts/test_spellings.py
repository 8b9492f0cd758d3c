"""One mailbox in other spellings, and other mailboxes that look alike: neither opens somebody else's account."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from portal.accounts.models import SignUp, User
from tests.accounts import steps
from tests.accounts.test_hijack import EVIL, STAGE, assert_the_victims_own
from tests.support.people import browser_of, make_user

pytestmark = pytest.mark.django_db
# upper() or lower() of some program makes each of these somebody else's.
LOOK_ALIKES = [
    "m\u0131ke@customer.example",
    "M\u0130KE@customer.example",
    "mi\u212ae@customer.example",
    "mike@cu\u017ftomer.example",
    "mike@\u0441ustomer.example",
    "\uff4dike@customer.example",
    "mike+x@customer.example",
    "mike@customer.example.",
    "mike.@customer.example",
    "mike@customer\u3002example",
    "mike @customer.example",
    "mike\u200b@customer.example",
    '"mike"@customer.example',
    "mike@[127.0.0.1]",
]
OWN = "mike@customer.example"


@pytest.mark.parametrize(
    "spelling", ["ADA@customer.example", "Ada@Customer.Example", " ada@customer.example ", "ada@CUSTOMER.EXAMPLE"]
)
def test_another_case_is_the_same_person(spelling):
    steps.sign_up(Client(), **EVIL | {"email": spelling})
    steps.sign_up(Client())
    assert set(SignUp.objects.values_list("email", flat=True)) == {steps.EMAIL}
    assert steps.activate(Client()).url == STAGE
    assert_the_victims_own()
    steps.sign_up(Client(), **EVIL | {"email": spelling})
    assert not SignUp.objects.exists()
    assert steps.login(Client(), email=spelling).url == STAGE
    steps.reset_mail(Client(), spelling)
    assert mail.outbox[-1].to == [steps.EMAIL]


@pytest.mark.parametrize("spelling", LOOK_ALIKES)
def test_a_look_alike_gets_nothing_of_the_account(spelling):
    """Whatever is typed: a link goes to the account's own address, or to the one that was typed and is for that."""
    owner = make_user(email=OWN)
    before = owner.password
    steps.reset_mail(Client(), spelling)
    for message in mail.outbox:
        for_account = "password/reset/key" in message.body
        assert message.to == [OWN] if for_account else message.to != [OWN]
    answer = steps.login(Client(), email=spelling)
    if answer.status_code == 302:
        assert spelling.lower() == OWN
    mail.outbox.clear()
    steps.sign_up(Client(), **EVIL | {"email": spelling})
    for message in mail.outbox:
        if "activate/" in message.body:
            assert message.to != [OWN]
            steps.activate(Client(), url=steps.link("activate/", message), password=EVIL["password1"])
    owner.refresh_from_db()
    assert (owner.email, owner.password) == (OWN, before)
    assert User.objects.filter(email=OWN).count() == 1
    assert EmailAddress.objects.get(email=OWN).user == owner


@pytest.mark.parametrize("spelling", [each for each in LOOK_ALIKES if each.lower() != OWN])
def test_nor_by_a_change_to_it(spelling):
    owner, eve = make_user(email=OWN), make_user(email="eve@evil.example")
    client = browser_of(eve)
    EmailAddress.objects.create(user=eve, email=spelling.lower())
    client.post("/accounts/email/", {"action_send": "", "email": spelling})
    for message in [sent for sent in mail.outbox if "confirm-email/" in sent.body]:
        assert message.to != [OWN]
        client.post(steps.link("confirm-email/", message))
    owner.refresh_from_db()
    assert owner.email == OWN
    assert EmailAddress.objects.get(email=OWN).user == owner
    assert steps.login(Client(), email=OWN).url == STAGE


def test_one_link_in_two_browsers_and_after_the_activation():
    steps.sign_up(Client())
    url, first, second = steps.link("activate/"), Client(), Client()
    assert first.get(url).status_code == second.get(url).status_code == 200
    assert steps.activate(first, url=url).url == STAGE
    for client in (first, second, Client()):
        assert steps.activate(client, url=url).status_code == 410
        words = "Your account is active" if client is first else "no longer"
        assert words in steps.text(client.get(url, follow=True))
    assert not steps.signed_in(second)
    assert second.get("/accounts/2fa/enrol/").status_code == 302
    assert User.objects.count() == 1


def test_a_new_address_that_somebody_else_signs_up_meanwhile_is_whoevers_mailbox_it_is():
    """Eve signs up the address to which ada is changing; ada, who owns both mailboxes, confirms the change."""
    ada, new = make_user(email=steps.EMAIL), "new@customer.example"
    client = browser_of(ada)
    EmailAddress.objects.create(user=ada, email=new)
    client.post("/accounts/email/", {"action_send": "", "email": new})
    change = steps.link("confirm-email/")
    steps.sign_up(Client(), **EVIL | {"email": new})
    evil = steps.link("activate/")
    client.post(change)
    ada.refresh_from_db()
    assert ada.email == new
    assert steps.activate(Client(), url=evil, password=EVIL["password1"]).status_code == 422
    assert steps.activate_anew(Client(), url=evil).status_code == 410
    assert User.objects.count() == 1
    assert steps.login(Client(), email=new, password=EVIL["password1"]).status_code == 422
