"""The captcha: a proof of work that the browser does and the server checks. Self-hosted, nothing leaves the portal."""

import base64
import json
from typing import Any

from django import forms
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django_altcha import AltchaField, get_cache, get_challenge_expire_seconds


class CaptchaField(AltchaField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Captcha",
            challengeurl=reverse_lazy("altcha_challenge"),
            maxnumber=settings.ALTCHA_MAX_NUMBER,  # the widget gives up after it, so it repeats the view's
            workerurl=lazy(static, str)("vendor/altcha/worker.js"),
            auto="onfocus",  # done by the time the form is filled in
            hidefooter=True,
            hidelogo=True,
            error_messages={
                "required": "Tick “I'm not a robot” and wait until it says “Verified”.",
                "invalid": "The captcha failed. Please tick it again.",
                "error": "The captcha failed. Please tick it again.",
                "replay": "This captcha was already used. Please tick it again.",
            },
            **kwargs,
        )

    def replay_attack_protection(self, payload: str) -> None:
        """Takes the challenge in one step: of two requests at the same time with one solution, one is refused."""
        challenge = json.loads(base64.b64decode(payload))["challenge"]
        if not get_cache().add(f"captcha:{challenge}", True, timeout=get_challenge_expire_seconds()):
            raise forms.ValidationError(self.error_messages["replay"], code="replay")
