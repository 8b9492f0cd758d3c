"""The pages of the second-factor stage: enter a code, or set up the authenticator app and recovery codes."""

import base64
import io
from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django_otp.models import Device

from portal.accounts import known_browser
from portal.accounts import second_factor as factors
from portal.accounts.adapter import notify
from portal.accounts.devices import AuthenticatorDevice, RecoveryCodeDevice
from portal.accounts.forms import AuthenticatorCodeForm, EnrolForm, RecoveryCodeForm, SavedCodesForm
from portal.accounts.models import User
from portal.accounts.stages import SecondFactorStage
from portal.core.forms import form_status, sent

View = Callable[[HttpRequest], HttpResponse]
in_the_stage = login_stage_required(stage=SecondFactorStage.key, redirect_urlname="account_login")


def stage_required(view: View) -> View:
    """Only between password and session; a sign-in whose password is no longer the account's begins anew."""

    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        stage = _stage(request)
        return view(request) if stage.still_valid() else stage.abort()

    return in_the_stage(inner)


read_and_write = require_http_methods(["GET", "HEAD", "POST"])


def code_form(request: HttpRequest, user: User) -> AuthenticatorCodeForm | RecoveryCodeForm:
    """Of the device that the address asks for: ``?recovery=1`` or the authenticator app."""
    form_class = RecoveryCodeForm if "recovery" in request.GET else AuthenticatorCodeForm
    return form_class(sent(request), user=user, request=request)


def enrolment_context(device: AuthenticatorDevice) -> dict[str, Any]:
    svg = io.BytesIO()
    segno.make(device.config_url, error="m").save(svg, kind="svg", scale=5, border=3, dark="#000", light="#fff")
    secret = device.base32
    return {
        "qr": "data:image/svg+xml;base64," + base64.b64encode(svg.getvalue()).decode(),
        "secret": secret,
        "secret_groups": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    }


def codes_context(codes: list[str]) -> dict[str, Any]:
    lines = "\n".join(codes)
    text = base64.b64encode(f"{lines}\n".encode()).decode()
    return {"codes": codes, "codes_text": lines, "download": f"data:text/plain;charset=utf-8;base64,{text}"}


def _stage(request: HttpRequest) -> SecondFactorStage:
    stage: SecondFactorStage = vars(request)["_login_stage"]  # set by stage_required
    return stage


def _remember(request: HttpRequest, **state: Any) -> None:
    _stage(request).state.update(state)  # this dict lives in the session,
    request.session.modified = True  # but nested, so Django does not notice by itself


@stage_required
@read_and_write
def second_factor(request: HttpRequest) -> HttpResponse:
    stage = _stage(request)
    user = stage.login.user
    if not factors.is_enrolled(user):
        return redirect("second_factor_enrol")
    limited = ratelimit.consume_or_429(request, action="second_factor")
    if limited:
        return limited
    form = code_form(request, user)
    if request.method != "POST" or not form.is_valid():
        if getattr(form, "wrong", False) and not known_browser.name_of(request, user):
            adapter = get_adapter()
            factors.report_known_password(
                user=user, ip=adapter.get_client_ip(request), user_agent=adapter.get_http_user_agent(request)
            )
        context = {"form": form, "recovery": isinstance(form, RecoveryCodeForm)}
        return render(request, "accounts/second_factor.html", context, status=form_status(form))
    if isinstance(form.device, RecoveryCodeDevice):
        notify(user, "recovery_code_used", left=form.device.left)
    if not factors.has_recovery_codes(user):  # the enrolment was left before the codes were saved
        _remember(request, verified=form.device.persistent_id)
        return redirect("second_factor_codes")
    return stage.complete(form.device)


@stage_required
@read_and_write
def enrol(request: HttpRequest) -> HttpResponse:
    """The first sign-in: QR code and secret, fresh for each pending sign-in."""
    stage = _stage(request)
    user = stage.login.user
    if "verified" in stage.state:
        return redirect("second_factor_codes")
    if factors.is_enrolled(user):
        return redirect("second_factor")  # a stolen password must not add a device
    device = factors.pending_device(user=user, device_id=stage.state.get("pending"))
    _remember(request, pending=device.pk)
    form = EnrolForm(sent(request), device=device, request=request)
    if request.method == "POST" and form.is_valid():
        _remember(request, verified=form.device.persistent_id)
        notify(user, "second_factor_set_up")
        return redirect("second_factor_codes")
    context = {"form": form} | enrolment_context(device)
    return render(request, "accounts/enrol.html", context, status=form_status(form))


@stage_required
@read_and_write
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Shown once, still inside the stage, so that ``next`` survives; stored when they have been saved."""
    stage = _stage(request)
    if "verified" not in stage.state:
        return redirect("second_factor")
    if "codes" not in stage.state:
        _remember(request, codes=factors.new_codes_sealed())
    codes = factors.unseal(stage.state["codes"])
    form = SavedCodesForm(sent(request))
    if request.method == "POST" and form.is_valid():
        factors.store_recovery_codes(user=stage.login.user, codes=codes)
        return stage.complete(Device.from_persistent_id(stage.state["verified"]))
    context = {"form": form, "signing_in": True} | codes_context(codes)
    return render(request, "accounts/recovery_codes.html", context, status=form_status(form))
