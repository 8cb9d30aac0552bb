import os
import socket
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from pytest_socket import SocketConnectBlockedError


@pytest.mark.django_db
def test_the_database_is_a_real_postgresql_18_that_folds_by_code_point():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000, 'É' < 'é'")

        assert cursor.fetchone() == (18, True)


def test_the_broker_is_a_real_server_that_keeps_nothing():
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        assert client.ping() is True


def test_the_data_folder_is_not_the_one_of_make_run():
    assert Path(os.environ["DATA_DIR"]) == settings.DATA_DIR
    assert settings.BASE_DIR not in settings.DATA_DIR.parents


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_the_network_is_out_of_reach():
    with socket.socket() as client, pytest.raises(SocketConnectBlockedError):
        client.connect(("192.0.2.1", 80))
