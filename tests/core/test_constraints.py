import pytest
from django.core.exceptions import ValidationError

from apps.core.constraints import IsOneOf, choices_check
from apps.mail.models import OutboundMail, OutgoingStatus

CHECK = choices_check("outboundmail", "status", OutgoingStatus)


def faults(status):
    try:
        CHECK.validate(OutboundMail, OutboundMail(status=status))
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.django_db
@pytest.mark.parametrize("status", OutgoingStatus.values)
def test_a_form_accepts_each_choice(status):
    assert faults(status) == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["", "Planned", "planned,claimed", "{planned}", "%", "a'b"])
def test_a_form_refuses_what_is_no_choice(status):
    assert faults(status) == ["Constraint “outboundmail_status_known” is violated."]


@pytest.mark.parametrize("word", ["", "two words", "a,b", "{}", "it's", "100%"])
def test_only_plain_words_are_compared_with(word):
    with pytest.raises(AssertionError):
        IsOneOf("status", ["planned", word])


def test_equal_checks_are_equal_and_others_are_not():
    assert IsOneOf("status", ["planned"]) == IsOneOf("status", ("planned",))
    assert IsOneOf("status", ["planned"]) != IsOneOf("status", ["sent"])
    assert IsOneOf("status", ["planned"]) != IsOneOf("kind", ["planned"])
