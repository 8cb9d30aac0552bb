from apps.mail.message import address_digest


def test_a_suppressed_address_is_known_again_in_any_case_and_width():
    assert address_digest("Ada@Example.org") == address_digest("ada@example.org")


def test_it_outlives_a_change_of_the_secret_key(settings):
    before = address_digest("ada@example.org")

    settings.SECRET_KEY = "another-" + settings.SECRET_KEY

    assert address_digest("ada@example.org") == before


def test_another_installation_makes_another_hash(settings):
    before = address_digest("ada@example.org")

    settings.ADDRESS_KEY = "another-" + settings.ADDRESS_KEY

    assert address_digest("ada@example.org") != before
