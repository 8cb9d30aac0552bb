"""The pages of the second factor: asked for after the password, set up with a QR code, looked
after.
"""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any

import qrcode
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django_otp import login as note_device
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

from apps.accounts import lockout, services
from apps.accounts.desk.forms import CodeForm
from apps.accounts.models import User
from apps.core.errors import AuthenticationError, InvalidInputError, RateLimitedError

Page = Callable[[HttpRequest], HttpResponse]
_WRONG = "This code is not right, was used already, or came too soon after a wrong one."


def is_owed(request: Any) -> bool:
    """Whether this is staff, signed in by password, who must show a code before anything else."""
    user: Any = request.user
    if not (user.is_active and user.is_staff) or user.is_verified():
        return False
    if not hasattr(request, "second_factor_owed"):
        request.second_factor_owed = services.is_second_factor_needed(user)
    return bool(request.second_factor_owed)


def lead_to(request: HttpRequest) -> HttpResponse:
    """To the page where they show a code, or get to have one."""
    name = (
        "second_factor" if services.has_second_factor(_staff(request)) else "second_factor_set_up"
    )
    query = urlencode({REDIRECT_FIELD_NAME: _next(request)})
    return HttpResponseRedirect(f"{reverse(f'admin:{name}')}?{query}")


def for_staff(page: Page) -> Page:
    """A page for staff who have shown their password, at least."""

    @never_cache
    @wraps(page)
    def answer(request: HttpRequest) -> HttpResponse:
        if not (request.user.is_active and request.user.is_staff):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        try:
            return page(request)
        except RateLimitedError as error:
            return lockout.closed_page(request, error)

    return answer


@for_staff
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a code of a device that was set up."""
    user = _staff(request)
    if not is_owed(request):
        return HttpResponseRedirect(_next(request))
    if not services.has_second_factor(user):
        return lead_to(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device = _proved(request, user, form.cleaned_data["code"])
        except AuthenticationError:
            form.add_error("code", _WRONG)
        else:
            note_device(request, device)
            request.session.cycle_key()
            return HttpResponseRedirect(_next(request))
    return _page(request, "ask", "Show your second factor", form=form)


@for_staff
def set_up(request: HttpRequest) -> HttpResponse:
    """Show a QR code for an authenticator app, and believe it once the app's code comes back."""
    user = _staff(request)
    if services.has_second_factor(user) and is_owed(request):
        return lead_to(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _confirm(request, user, form.cleaned_data["code"])
        except InvalidInputError as error:
            form.add_error("code", error.detail)
    device = services.begin_enrolment(user=user)
    return _page(
        request,
        "set_up",
        "Set up a second factor",
        form=form,
        picture=_picture(device.config_url),
        link=device.config_url,
        secret=_secret(device),
    )


@for_staff
def manage(request: HttpRequest) -> HttpResponse:
    """What is set up; new recovery codes; and away with it, where it is not demanded."""
    if is_owed(request):
        return lead_to(request)
    user = _staff(request)
    has_one = services.has_second_factor(user)
    if request.method == "POST" and has_one and "renew" in request.POST:
        return _codes_page(request, services.renew_recovery_codes(user=user))
    is_demanded = services.is_second_factor_demanded()
    if request.method == "POST" and has_one and "remove" in request.POST and not is_demanded:
        services.remove_second_factor(user_id=user.pk, by=user)
        _keep_session(request, user)
        messages.success(request, "The second factor is off.")
        return HttpResponseRedirect(request.path)
    return _page(
        request,
        "manage",
        "Second factor",
        device=TOTPDevice.objects.filter(user=user, confirmed=True).first(),
        has_one=has_one,
        codes_left=services.recovery_codes_left(user),
        is_demanded=is_demanded,
    )


def _proved(request: HttpRequest, user: User, code: str) -> Any:
    lockout.check_open(request, user.email)
    services.count_sign_in(request, user.email)
    return services.prove_second_factor(user=user, code=code, request=request)


def _confirm(request: HttpRequest, user: User, code: str) -> HttpResponse:
    services.count_sign_in(request, user.email)
    device, codes = services.confirm_enrolment(user=user, code=code)
    _keep_session(request, user)
    note_device(request, device)
    return _codes_page(request, codes)


def _keep_session(request: HttpRequest, user: User) -> None:
    """Every session of theirs has ended but this one."""
    user.refresh_from_db(fields=["token_version"])
    update_session_auth_hash(request, user)


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    pairs = [f"{code[:4]} {code[4:]}" for code in codes]
    return _page(request, "codes", "Recovery codes", codes=pairs)


def _page(request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    frame = admin.site.each_context(request)
    return render(
        request,
        f"admin/second_factor/{name}.html",
        {**frame, "title": title, "next": _next(request), **context},
    )


def _staff(request: HttpRequest) -> User:
    user: Any = request.user
    assert isinstance(user, User)
    return user


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("admin:index")


def _picture(url: str) -> SafeString:
    """The QR code as an SVG of our own making, to stand in the page."""
    image = qrcode.make(url, image_factory=SvgPathImage, border=2)
    return SafeString(image.to_string(encoding="unicode"))


def _secret(device: TOTPDevice) -> str:
    """For typing by hand, in groups of four."""
    text = base64.b32encode(binascii.unhexlify(device.key)).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
