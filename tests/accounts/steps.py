"""What a person does at the account pages, over HTTP."""

import base64
import json
import re
from html import unescape

import altcha
from django.core import mail
from django.test import Client

from portal.accounts import second_factor
from portal.accounts.models import AuthenticatorDevice, User
from portal.jobs.outbox import run_due_jobs
from tests.support.people import PASSWORD, totp

EMAIL = "ada@customer.example"
SECURITY = "/accounts/security/"
NOON = 1_800_000_000  # in seconds, for tests whose time stands still


def solve(client=None):
    challenge = (client or Client()).get("/accounts/signup/challenge/").json()
    answer = altcha.solve_challenge(
        challenge["challenge"], challenge["salt"], challenge["algorithm"], challenge["max_number"]
    )
    kept = {key: challenge[key] for key in ("algorithm", "challenge", "salt", "signature")}
    return encode(kept | {"number": answer.number})


def encode(payload):
    return base64.b64encode(json.dumps(payload).encode()).decode()


def decode(payload):
    return json.loads(base64.b64decode(payload))


def sign_up_data(**over):
    data = {
        "email": EMAIL,
        "full_name": "Ada Example",
        "company": "Engines Ltd",
        "phone_country": "GB",
        "phone": "020 7946 0958",
        "password1": PASSWORD,
        "terms": "on",
    } | over
    return {key: value for key, value in data.items() if value is not None}


def sign_up(client, *, jobs=True, **over):
    if "captcha" not in over:
        over["captcha"] = solve(client)
    answer = client.post("/accounts/signup/", sign_up_data(**over))
    if jobs:
        run_due_jobs()
    return answer


def reset_mail(client, email=EMAIL, **extra):
    answer = client.post("/accounts/password/reset/", {"email": email}, **extra)
    run_due_jobs()
    return answer


def resend(client, email=EMAIL):
    answer = client.post("/accounts/confirm-email/resend/", {"email": email}, follow=True)
    run_due_jobs()
    return answer


def link(part, message=None):
    """Path of the first link in the newest mail that contains ``part``."""
    body = (message or mail.outbox[-1]).body
    return re.search(rf"https?://[^/\s]+(/\S*{part}\S*)", body).group(1)


def activate(client, password=PASSWORD, url=None):
    """Opens the newest activation link and types the sign-up's password."""
    return client.post(url or link("activate/"), {"password": password})


def activate_anew(client, url=None, **over):
    """Opens the link and enters everything once more."""
    data = {
        "full_name": "Ada Anew",
        "company": "",
        "phone_country": "GB",
        "phone": "020 7946 0999",
        "password1": "another long passphrase 9",
        "terms": "on",
    } | over
    return client.post(f"{url or link('activate/')}?anew", data)


def login(client, email=EMAIL, password=PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": email, "password": password} | extra)


def submit(client, token, recovery=False, **extra):
    return client.post("/accounts/2fa/" + ("?recovery=1" if recovery else ""), {"code": token} | extra)


def signed_in(client):
    return client.get(SECURITY).status_code == 200


def enrol(client, user):
    """The client waits in the second-factor stage of a fresh account; returns device, codes and the last answer."""
    client.get("/accounts/2fa/enrol/")
    device = AuthenticatorDevice.objects.get(user=user, confirmed=False)
    assert client.post("/accounts/2fa/enrol/", {"code": totp(device)}).url == "/accounts/2fa/codes/"
    codes = shown_codes(client.get("/accounts/2fa/codes/"))
    answer = client.post("/accounts/2fa/codes/", {"saved": "on"})
    device.refresh_from_db()
    return device, codes, answer


def shown_codes(response):
    return re.findall(r"<li><code>([\w-]+)</code></li>", response.content.decode())


def shown_secret(response):
    return re.search(r'data-copy="([A-Z2-7]{32})"', response.content.decode()).group(1)


def text(response):
    return unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


def enrolled_person(**extra):
    from tests.support.people import make_user

    user = make_user(**{"email": EMAIL} | extra)
    device, codes = second_factor.enrol_directly(user=user)
    return user, device, codes


__all__ = ["EMAIL", "PASSWORD", "User"]
