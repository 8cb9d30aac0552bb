"""How mail leaves, and when the bank runs dry."""

from config.connections import mail_transport_from_url
from config.environment import Variable, address, whole

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
        demo="Daily Challenge, 1 Example Street, 00000 Exampletown",
        is_required=True,
        example="Daily Challenge, 1 Example Street, 00000 Exampletown",
    ),
    Variable(
        name="MAIL_DOMAIN",
        meaning="The domain in Message-IDs and in the greeting, and whose DNS `doctor` looks at.",
        default_words="the domain of `EMAIL_FROM`",
        example="challenge.example",
    ),
    Variable(
        name="DKIM_SELECTOR",
        meaning="The selector that the mail server or provider signs with, for `doctor` alone.",
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
        meaning="`user:password` that the mail provider signs its events in with.",
        is_secret=True,
    ),
    Variable(
        name="INBOUND_EMAIL_DOMAIN",
        meaning="The domain whose mail reaches the inbound webhook; mails then also offer to "
        "unsubscribe by mail.",
        example="in.challenge.example",
    ),
)

SUPPLY = (
    Variable(
        name="SUPPLY_THRESHOLD_DAYS",
        meaning="A tag that runs dry sooner than this raises an alert.",
        read=whole(1, 365),
        default="14",
    ),
    Variable(
        name="LLM_MODEL",
        meaning="The model that drafts problems, as `provider:model`; without it nothing is "
        "drafted. Its key is the provider's own variable, such as `OPENAI_API_KEY`.",
        example="openai:gpt-5-mini",
    ),
)
