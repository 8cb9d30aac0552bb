from pathlib import Path

from config.local.pins import Pin, faults_of, faults_of_locks, pins_of

CHECKOUT = Path(__file__).resolve().parents[2]
HASHED = " \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via -r x.in\n"
# aiosmtpd needs atpublic and attrs.
LOCK = f"aiosmtpd==1.4.6{HASHED}atpublic==9.0.0{HASHED}attrs==26.1.0{HASHED}"


def test_our_own_locks_are_what_their_wishes_ask_for():
    assert faults_of_locks(CHECKOUT) == []


def test_a_lock_that_fits_has_no_fault():
    assert list(faults_of("-c x.txt\n# a comment\naiosmtpd>=1\n", LOCK)) == []


def test_a_wish_that_was_never_locked():
    faults = list(faults_of("aiosmtpd\nruff\n", LOCK))

    assert faults == ["ruff is needed and not locked; make lock"]


def test_a_wish_for_another_version():
    faults = list(faults_of("aiosmtpd>=2\n", LOCK))

    assert faults == ["aiosmtpd>=2 is asked for and 1.4.6 is locked; make lock"]


def test_a_lock_without_what_its_packages_need():
    faults = list(faults_of("aiosmtpd\n", f"aiosmtpd==1.4.6{HASHED}atpublic==9.0.0{HASHED}"))

    assert faults == ["attrs is needed and not locked; make lock"]


def test_a_lock_with_what_nothing_needs():
    assert list(faults_of("atpublic\n", LOCK)) == [
        "aiosmtpd is locked and nothing needs it",
        "attrs is locked and nothing needs it",
    ]


def test_a_pin_without_a_hash():
    assert list(faults_of("ruff\n", "ruff==1.0\n")) == ["ruff has no hash"]


def test_pins_are_read_with_their_extras_and_hashes():
    assert pins_of(f"Celery[redis]==5.7.0{HASHED}ruff==1.0\n") == {
        "celery": Pin("5.7.0", has_hash=True),
        "ruff": Pin("1.0", has_hash=False),
    }
