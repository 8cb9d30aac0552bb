"""Two senders that meet a database for the first time at the same moment."""

import threading

import pytest
from django.db import connection

from apps.mail.identity import is_confirmed
from apps.mail.models import SendingSwitch


@pytest.mark.django_db(transaction=True)
def test_all_who_confirm_a_new_database_at_once_find_it_confirmed():
    SendingSwitch.objects.update_or_create(pk=1, defaults={"database_identity": ""})
    together = threading.Barrier(4)
    answers = []

    def ask():
        together.wait()
        try:
            answers.append(is_confirmed())
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [True] * 4
