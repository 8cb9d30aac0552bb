"""How mail leaves, and when the bank runs dry."""

from config.connections import mail_transport_from_url
from config.environment import Variable
from config.readers import address, line, mail_domain, optional, pattern, whole

# Looked at as a part of a name in the DNS.
_SELECTOR = r"[A-Za-z0-9][A-Za-z0-9.-]*"

MAIL = (
    Variable(
        name="EMAIL_URL",
        meaning="How mail leaves: `smtp://user:password@host:port`, `smtp+tls://`, `smtps://`, or "
        "a provider of django-anymail such as `postmark://?server_token=…`.",
        read=mail_transport_from_url,
        demo="mailbox://",
        is_required=True,
        is_secret=True,
        example="smtp+tls://user:password@smtp.challenge.example:587",
    ),
    Variable(
        name="EMAIL_FROM",
        meaning="The sender's address.",
        read=address,
        demo="challenge@example.org",
        is_required=True,
        example="challenge@challenge.example",
    ),
    Variable(
        name="REPLY_TO",
        meaning="The person who reads the answers.",
        read=address,
        demo="editor@example.org",
        is_required=True,
        example="editor@challenge.example",
    ),
    Variable(
        name="POSTAL_ADDRESS",
        meaning="The sender's postal address, which the law of many countries wants in every mail.",
        read=line,
        demo="Daily Challenge, 1 Example Street, 00000 Exampletown",
        is_required=True,
        example="Daily Challenge, 1 Example Street, 00000 Exampletown",
    ),
    Variable(
        name="MAIL_DOMAIN",
        meaning="The domain in Message-IDs and in the greeting, and whose DNS `doctor` looks at.",
        read=optional(mail_domain),
        default_words="the domain of `EMAIL_FROM`",
        example="challenge.example",
    ),
    Variable(
        name="DKIM_SELECTOR",
        meaning="The selector that the mail server or provider signs with, for `doctor` alone.",
        read=optional(pattern(_SELECTOR, "a selector alone, such as mail")),
        example="mail",
    ),
    Variable(
        name="EMAIL_MAX_PER_SECOND",
        meaning="How many mails a second all workers send together; 0: as many as they can.",
        read=whole(0, 100_000),
        default="0",
    ),
    Variable(
        name="EMAIL_MAX_PER_DAY",
        meaning="How many mails a day, for warming up a new address; 0: any number.",
        read=whole(0, 1_000_000_000),
        default="0",
    ),
    Variable(
        name="EMAIL_CONCURRENCY",
        meaning="Mails under way at once in one worker of the queue `emails`.",
        read=whole(1, 100),
        default="2",
    ),
    Variable(
        name="ANYMAIL_WEBHOOK_SECRET",
        meaning="`user:password` that the mail provider signs its events in with. Not in use yet.",
        read=optional(pattern(r"[^:\s]+:[^:\s]{16,}", "user:password with 16 characters or more")),
        is_secret=True,
    ),
    Variable(
        name="INBOUND_EMAIL_DOMAIN",
        meaning="The domain whose mail will reach a webhook, for unsubscribing by mail. Not in use "
        "yet.",
        read=optional(mail_domain),
        example="in.challenge.example",
    ),
)

SUPPLY = (
    Variable(
        name="SUPPLY_THRESHOLD_DAYS",
        meaning="A tag that runs dry sooner than this will raise an alert. Not in use yet.",
        read=whole(1, 365),
        default="14",
    ),
    Variable(
        name="LLM_MODEL",
        meaning="The model that will draft problems, as `provider:model`. Not in use yet.",
        read=optional(pattern(r"[a-z0-9_-]+:\S+", "provider:model, such as openai:gpt-5-mini")),
        example="openai:gpt-5-mini",
    ),
)
