"""P16: what ends sessions ends them on the very next call, and never with a fault."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from apps.accounts import links
from apps.accounts.models import EmailChange, Role
from apps.accounts.services import set_active
from tests.api import Caller
from tests.factories import UserFactory
from tests.staff import browser, person
from tests.waiting import until

PASSWORD, NEW = "correct horse battery", "four words nobody guesses"
ME, REFRESH = "/api/accounts/me/", "/api/accounts/token/refresh/"
INDEX = reverse("admin:index")


def token_of(link):
    return link.rpartition("#")[2]


def change_password(caller):
    body = {"current_password": PASSWORD, "new_password": NEW}
    return caller.post("/api/accounts/password/change/", body)


def reset_password(caller):
    body = {"token": token_of(links.reset_link(caller.user)), "password": NEW}
    return caller.post("/api/accounts/password/reset/", body)


def change_address(caller):
    body = {"current_password": PASSWORD, "new_email": "ada@new.example"}
    caller.post("/api/accounts/email/change/", body)
    token = token_of(links.change_link(EmailChange.objects.get()))
    return caller.post("/api/accounts/email/confirm/", {"token": token})


def sign_out_everywhere(caller):
    return caller.post("/api/accounts/token/revoke-all/")


def erase(caller):
    return caller.post("/api/accounts/me/erase/", {"current_password": PASSWORD})


def be_deactivated(caller):
    set_active(user_id=caller.user.pk, is_active=False, by=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "end",
    [change_password, reset_password, change_address, sign_out_everywhere, erase, be_deactivated],
)
def test_every_other_session_is_over_at_once(end):
    person(Role.ADMIN)
    ada = person(Role.ADMIN, email="ada@example.org")
    here, there, desk = Caller(ada), Caller(ada), browser(ada)

    end(here)

    assert there.get(ME).status_code == 401
    assert there.post(REFRESH, {"refresh": there.pair.refresh}).status_code == 401
    assert desk.get(INDEX).status_code == 302
    assert here.get(ME).status_code == (200 if end is change_password else 401)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", [change_password, erase, be_deactivated])
def test_nothing_breaks_for_whoever_is_in_the_middle_of_it(settings, end):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (10**6, 60))
    ada = UserFactory(email="ada@example.org")
    callers, statuses, is_over = [Caller(ada) for _ in range(4)], [], threading.Event()

    def go_on(caller, does_refresh):
        refresh = caller.pair.refresh
        while not is_over.is_set():
            if does_refresh:
                answer = caller.post(REFRESH, {"refresh": refresh})
                refresh = answer.json().get("refresh", refresh)
            else:
                answer = caller.get(ME)
            statuses.append(answer.status_code)
        connection.close()

    threads = [
        threading.Thread(target=go_on, args=(caller, number % 2 == 0))
        for number, caller in enumerate(callers)
    ]
    for thread in threads:
        thread.start()
    try:
        until(lambda: len(statuses) > 12, within_s=60)
        end(Caller(ada))
        ended = len(statuses)
        until(lambda: len(statuses) > ended + 12, within_s=60)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()

    assert set(statuses) <= {200, 401}
    assert {caller.get(ME).status_code for caller in callers} == {401}
