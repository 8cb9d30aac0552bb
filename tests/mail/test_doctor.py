import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from apps.mail import doctor
from apps.mail.dns import NameServerError, txt_records
from apps.mail.models import SendingSwitch


class NameServer:
    """Answers TXT questions from a table, over UDP on loopback."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        self.code = dns.rcode.NOERROR
        self.is_silent = False
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            wire, caller = self._socket.recvfrom(4096)
            if not wire:
                return
            if not self.is_silent:
                self._socket.sendto(self._answer(dns.message.from_wire(wire)), caller)

    def _answer(self, question: dns.message.Message) -> bytes:
        answer = dns.message.make_response(question)
        name = question.question[0].name
        self.asked.append(name.to_text(omit_final_dot=True))
        texts = self.records.get(self.asked[-1])
        if texts:
            quoted = [
                " ".join(f'"{text[i : i + 200]}"' for i in range(0, len(text), 200))
                for text in texts
            ]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        answer.set_rcode(self.code if texts or self.code else dns.rcode.NXDOMAIN)
        return answer.to_wire()

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()


@pytest.fixture
def names(monkeypatch, settings) -> Iterator[NameServer]:
    server = NameServer()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    monkeypatch.setattr("apps.mail.dns.TIMEOUT_S", 0.5)
    settings.MAIL_DOMAIN, settings.DKIM_SELECTOR = "news.challenge.example", "s1"
    yield server
    server.close()


def domain() -> list[str]:
    return [str(finding) for finding in doctor.check_domain()]


GOOD = {
    "news.challenge.example": ["other=1", "v=spf1 include:_spf.provider.example -all"],
    "s1._domainkey.news.challenge.example": ["v=DKIM1; k=rsa; p=" + "A" * 400],
    "_dmarc.news.challenge.example": ["v=DMARC1; p=quarantine; rua=mailto:d@challenge.example"],
}


def test_a_domain_with_all_its_records_is_well(names):
    names.records = GOOD

    assert domain() == [
        "ok    SPF: v=spf1 include:_spf.provider.example -all",
        "ok    DKIM: s1._domainkey.news.challenge.example holds a key.",
        "ok    DMARC: _dmarc.news.challenge.example asks for p=quarantine.",
    ]


def test_a_domain_without_records_fails_and_says_what_to_publish(names):
    spf, dkim, dmarc = domain()

    assert spf.startswith("fail  SPF: news.challenge.example has 0 SPF records")
    assert dkim.startswith("fail  DKIM: s1._domainkey.news.challenge.example holds no key.")
    assert dmarc.startswith("fail  DMARC: _dmarc.news.challenge.example has no record;")
    assert all(" Do: Publish " in said for said in (spf, dkim, dmarc))


@pytest.mark.parametrize(
    ("records", "start"),
    [
        (["v=spf1 -all", "v=spf1 ~all"], "fail  SPF: news.challenge.example has 2 SPF records"),
        (["v=spf1 +all"], "fail  SPF: news.challenge.example lets everybody send"),
        (["v=spf10 -all"], "fail  SPF: news.challenge.example has 0 SPF records"),
        (["V=SPF1 a mx ~all"], "ok    SPF: V=SPF1 a mx ~all"),
    ],
)
def test_spf_is_one_record_that_does_not_let_everybody(names, records, start):
    names.records = {"news.challenge.example": records}

    assert domain()[0].startswith(start)


@pytest.mark.parametrize(
    ("text", "state"),
    [("p=AAAA", "ok"), ("v=DKIM1; p=", "fail"), ("v=DKIM1; k=rsa", "fail"), ("junk", "fail")],
)
def test_a_dkim_record_without_a_key_is_none(names, text, state):
    names.records = {"s1._domainkey.news.challenge.example": [text]}

    assert domain()[1].startswith(f"{state:<4}  DKIM: ")


def test_without_a_selector_dkim_is_not_asked_for(names, settings):
    settings.DKIM_SELECTOR = ""

    assert domain()[1].startswith("warn  DKIM: not looked at")
    assert not any("_domainkey" in name for name in names.asked)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (
            {"_dmarc.challenge.example": ["v=DMARC1; p=none; sp=reject"]},
            "ok    DMARC: _dmarc.challenge.example asks for p=reject.",
        ),
        (
            {"_dmarc.challenge.example": ["v=DMARC1; p=reject"]},
            "ok    DMARC: _dmarc.challenge.example asks for p=reject.",
        ),
        (
            {"_dmarc.news.challenge.example": ["v=DMARC1; p=none"]},
            "warn  DMARC: _dmarc.news.challenge.example asks for nothing (p=none). "
            "Do: Move to p=quarantine once the reports show only our mail.",
        ),
    ],
)
def test_dmarc_is_inherited_from_the_domain_above(names, records, said):
    names.records = records

    assert domain()[2] == said


def test_name_servers_that_are_silent_or_broken_are_a_warning_in_time(names):
    names.is_silent = True
    silent = domain()
    names.is_silent, names.code = False, dns.rcode.SERVFAIL
    broken = domain()

    for said in (*silent, *broken):
        assert said.startswith("warn  mail domain: the name servers gave no answer (")


def test_a_long_record_comes_in_one_piece(names):
    names.records = {"long.example": ["x" * 700]}

    assert txt_records("long.example") == ["x" * 700]


def test_a_name_that_is_none_is_said():
    with pytest.raises(NameServerError):
        txt_records("a" * 70 + ".example")


def test_no_name_server_is_asked_while_mails_stay_here(names, settings):
    settings.MAIL_TRANSPORT = {"kind": "mailbox"}

    assert domain() == ["ok    mail domain: not looked at, since no mail leaves this machine."]
    assert names.asked == []


def test_a_mail_server_that_lets_us_in_is_well_and_gets_no_mail(mail_server):
    (said,) = map(str, doctor.check_transport())

    assert said == f"ok    mail server: 127.0.0.1:{mail_server.port} lets us in."
    assert mail_server.mails() == []


def test_a_mail_server_that_is_away_fails(settings):
    settings.MAIL_TRANSPORT = {
        "kind": "smtp",
        "host": "127.0.0.1",
        "port": 1,
        "username": "",
        "password": "",
        "starttls": False,
        "ssl": False,
    }

    (said,) = map(str, doctor.check_transport())

    assert said.startswith("fail  mail server: no connection to be had (")


@pytest.mark.django_db
def test_a_switch_that_is_off_fails_with_its_reason():
    assert [str(f) for f in doctor.check_switch()] == ["ok    sending: the switch is on."]

    SendingSwitch.objects.update(is_on=False, reason="Complaints.")

    assert [str(f) for f in doctor.check_switch()] == [
        "fail  sending: the switch is off: Complaints. Do: Mend that, then: manage.py sending on."
    ]
