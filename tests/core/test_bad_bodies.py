"""What no endpoint has to refuse itself: bodies and queries that are too big, packed, ill-encoded
or poisonous.
"""

import gzip
import json

import pytest

from tests.api import invalid, pointers, problem

pytestmark = pytest.mark.urls("tests.core.probes")

ECHO = "/api/probe/echo/"


def send(api, raw, content_type="application/json", **headers):
    return api.generic("POST", ECHO, raw, content_type=content_type, **headers)


def test_a_good_body_is_read(api):
    body = {
        "text": "two\nlines",
        "line": "one line",
        "flag": True,
        "number": 7,
        "time": "08:00",
        "nested": [{"name": "a"}],
    }

    response = send(api, json.dumps(body))

    assert response.status_code == 201
    assert response.json() == {**body, "time": "08:00:00"}


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b'{"text":', "The body is not valid JSON (line 1, column 9)."),
        (b'\xef\xbb\xbf{"text":"a"}', "The body is not valid JSON (line 1, column 1)."),
        (b'{"text":"\xff"}', "The body is not valid UTF-8."),
        (b'{"text":"\xed\xa0\x80"}', "The body is not valid UTF-8."),
        (b'{"text":"a","text":"b"}', "The body names a key twice."),
        (b'{"nested":[{"name":"a","name":"b"}]}', "The body names a key twice."),
        (b'{"number":NaN}', "The body holds NaN, which is not JSON."),
        (b'{"number":-Infinity}', "The body holds -Infinity, which is not JSON."),
        (b'{"number":' + b"9" * 5000 + b"}", "The body holds a number that is too large."),
        (b"[" * 100_000, "The body is nested too deep."),
        (b"[" * 500 + b"]" * 500, "The body is nested more than 32 deep."),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "The body is nested more than 32 deep."),
        (b"{'text':1}", "The body is not valid JSON (line 1, column 2)."),
        (b" ", "The body is not valid JSON (line 1, column 2)."),
    ],
)
def test_what_is_not_strict_json_is_malformed(api, raw, detail):
    response = send(api, raw)

    assert response.status_code == 400
    assert response.json() == problem(400, "malformed_request", detail)


@pytest.mark.parametrize("raw", [b"[]", b"[1]", b'"text"', b"1", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(api, raw):
    response = send(api, raw)

    assert response.json() == invalid(("", "invalid", "A JSON object is expected."))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (rb'{"text":"a\u0000b"}', {"/text": "invalid_characters"}),
        (rb'{"text":"\ud800"}', {"/text": "invalid_characters"}),
        (rb'{"nested":[{"name":"\udfff"}]}', {"/nested/0/name": "invalid_characters"}),
        (rb'{"a\u0000":1}', {"": "invalid_characters"}),
        (b'{"number":1e999}', {"/number": "number_out_of_range"}),
        (b'{"number":9223372036854775808}', {"/number": "number_out_of_range"}),
        (b'{"nested":[{"name":1}]}', {"/nested/0/name": "invalid"}),
        (b'{"nested":{"name":"a"}}', {"/nested": "not_a_list"}),
        (b'{"nested":["a"]}', {"/nested/0": "invalid"}),
        (b'{"text":1}', {"/text": "invalid"}),
        (b'{"text":null}', {"/text": "null"}),
        (b'{"text":{}}', {"/text": "invalid"}),
        (b'{"flag":"true"}', {"/flag": "invalid"}),
        (b'{"flag":1}', {"/flag": "invalid"}),
        (b'{"number":"7"}', {"/number": "invalid"}),
        (b'{"number":7.0}', {"/number": "invalid"}),
        (b'{"number":true}', {"/number": "invalid"}),
        (b'{"number":-1}', {"/number": "min_value"}),
        (b'{"time":"24:00"}', {"/time": "invalid"}),
        (b'{"time":"8:00"}', {"/time": "invalid"}),
        (b'{"time":"08:60"}', {"/time": "invalid"}),
        (b'{"time":8.5}', {"/time": "invalid"}),
        (b'{"time":true}', {"/time": "invalid"}),
        (b'{"time":"08:00:00"}', {"/time": "invalid"}),
        ('{"time":"०८:००"}'.encode(), {"/time": "invalid"}),
        ('{"line":"a\u202eb"}'.encode(), {"/line": "invisible_character"}),
        ('{"line":"a\u200bb"}'.encode(), {"/line": "invisible_character"}),
        (rb'{"line":"a\nb"}', {"/line": "invisible_character"}),
        (rb'{"line":"a\u2028b"}', {"/line": "invisible_character"}),
        (b'{"line":"' + b"a" * 21 + b'"}', {"/line": "max_length"}),
        (b'{"a/b~c":1}', {"/a~1b~0c": "unknown_field"}),
        (b'{"text":1,"role":"admin"}', {"/text": "invalid", "/role": "unknown_field"}),
    ],
)
def test_each_bad_value_is_named_by_its_pointer(api, raw, expected):
    response = send(api, raw)

    assert pointers(response) == expected


def test_a_list_where_one_value_belongs_names_no_python_type(api):
    response = send(api, b'{"nested":"a"}')

    assert response.json() == invalid(("/nested", "not_a_list", "A list is expected."))


def test_a_large_body_is_413(api):
    response = send(api, b'{"text":"' + b"a" * 3_000_000 + b'"}')

    assert response.status_code == 413
    assert response.json() == problem(413, "payload_too_large", "A body has at most 1 MiB.")


def test_a_large_body_is_refused_where_none_is_read_too(api):
    response = api.generic("GET", ECHO, b"a" * 3_000_000, content_type="application/json")

    assert response.status_code == 413


def test_a_packed_body_is_415(api):
    response = send(api, gzip.compress(b"{}"), HTTP_CONTENT_ENCODING="gzip")

    assert response.status_code == 415
    assert response.json() == problem(
        415, "unsupported_media_type", "Send the body as plain application/json."
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "nonsense",
    ],
)
def test_a_body_of_another_type_is_415(api, content_type):
    response = send(api, b"text=a", content_type=content_type)

    assert response.status_code == 415


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("q=%00", "The parameters hold characters that cannot be stored."),
        ("q=%ff", "The parameters are not valid UTF-8."),
        ("q=%ed%a0%80", "The parameters are not valid UTF-8."),
        ("%00=1", "The parameters hold characters that cannot be stored."),
    ],
)
def test_a_poisonous_query_is_malformed(api, query, detail):
    response = api.get(f"{ECHO}?{query}")

    assert response.json() == problem(400, "malformed_request", detail)


def test_unknown_and_repeated_parameters_are_refused(api):
    response = api.get(f"{ECHO}?q=1&q=2&nothing=1")

    assert response.json() == invalid(
        ("/q", "repeated_parameter", "Give this once."),
        ("/nothing", "unknown_parameter", "There is no such parameter."),
    )


def test_a_thousand_parameters_are_refused(api):
    response = api.get(ECHO + "?" + "&".join(f"a{n}=1" for n in range(1500)))

    assert response.json() == problem(400, "malformed_request", "The request cannot be read.")


@pytest.mark.parametrize("path", ["/api/probe/raise/a%00b/", "/api/%00/", "/api/probe/%ff/"])
def test_a_poisonous_path_is_refused(api, path):
    response = api.get(path)

    assert response.status_code in (400, 404)
    assert response["Content-Type"] == "application/problem+json"


def test_a_length_that_is_no_number_is_malformed(api):
    response = api.get(ECHO, CONTENT_LENGTH="many")

    assert response.json() == problem(400, "malformed_request", "Content-Length is not a number.")
