"""Every environment variable that the platform reads, in the order of docs/configuration.md.

That page and .env.example are written from this table by `python -m config.describe --write`.
"""

from config.connections import mail_transport_from_url
from config.environment import (
    Variable,
    address,
    flag,
    hosts,
    key,
    keys,
    link_with,
    one_of,
    optional,
    origins,
    site,
    url,
    whole,
)

_REDIS = ("redis", "rediss")
_POSTGRESQL = ("postgresql", "postgres")

MODE = (
    Variable(
        name="DEMO",
        meaning="Runs on one machine for a look: weak secrets, and a mailbox that everybody reads.",
        read=flag,
        default="0",
    ),
    Variable(
        name="DEBUG",
        meaning="Shows faults in the browser. Only ever in a developer's own `.env`.",
        read=flag,
        default="0",
    ),
    Variable(
        name="READ_DOT_ENV",
        meaning="Whether the file `.env` beside `manage.py` is read as well.",
        read=flag,
        default="1",
    ),
    Variable(
        name="LOG_FORMAT",
        meaning="`json`: one object a line. `readable`: for a terminal.",
        read=one_of("json", "readable"),
        default="json",
        demo="readable",
    ),
    Variable(
        name="DATA_DIR",
        meaning="Where `make run` keeps its database, its queue and the demo passwords.",
        default_words="`.data` in the checkout",
        example="/var/lib/daily-challenge-data",
    ),
    Variable(
        name="PORT",
        meaning="The port that the site listens on.",
        read=whole(1, 65535),
        default="8000",
    ),
)

SITE = (
    Variable(
        name="SITE_URL",
        meaning="Where the site is; every link in a mail starts with it. https turns on HSTS, "
        "secure cookies and the redirect from http.",
        read=site,
        demo="http://127.0.0.1:$PORT",
        is_required=True,
        example="https://challenge.example",
    ),
    Variable(
        name="ALLOWED_HOSTS",
        meaning="Host names that requests may name beside the one of `SITE_URL`.",
        read=hosts,
        demo="127.0.0.1,localhost",
        example="www.challenge.example",
    ),
    Variable(
        name="TRUSTED_PROXY_COUNT",
        meaning="How many proxies of ours a request passes; that many hops of X-Forwarded-For "
        "are believed.",
        read=whole(0, 10),
        default="0",
    ),
    Variable(
        name="WEB_CONCURRENCY",
        meaning="Web processes of one machine.",
        read=whole(1, 1000),
        default="2",
    ),
    Variable(
        name="WEB_PROCESSES",
        meaning="Web processes of all machines together. While the shared counters are away, each "
        "grants only its share of a rate limit.",
        read=whole(1, 100_000),
        default="$WEB_CONCURRENCY",
    ),
    Variable(
        name="CORS_ALLOWED_ORIGINS",
        meaning="Front ends on other origins that may call the API, separated by commas.",
        read=origins,
        example="https://app.challenge.example",
    ),
    Variable(
        name="VERIFY_EMAIL_URL",
        meaning="The page behind the link that proves an address.",
        read=link_with("token"),
        default="$SITE_URL/verify-email/#{token}",
    ),
    Variable(
        name="PASSWORD_RESET_URL",
        meaning="The page behind the link for a new password.",
        read=link_with("token"),
        default="$SITE_URL/reset-password/#{token}",
    ),
    Variable(
        name="EMAIL_CHANGE_URL",
        meaning="The page behind the link that confirms a new address.",
        read=link_with("token"),
        default="$SITE_URL/confirm-email/#{token}",
    ),
    Variable(
        name="EMAIL_UNDO_URL",
        meaning="The page behind the link that takes a change of address back.",
        read=link_with("token"),
        default="$SITE_URL/undo-email-change/#{token}",
    ),
    Variable(
        name="MANAGE_URL",
        meaning="The page behind the link to somebody's preferences.",
        read=link_with("token"),
        default="$SITE_URL/manage/{token}/",
    ),
    Variable(
        name="PROBLEM_URL",
        meaning="The page of one problem.",
        read=link_with("slug"),
        default="$SITE_URL/problems/{slug}/",
    ),
)

SECRETS = (
    Variable(
        name="SECRET_KEY",
        meaning="Signs sessions and the links in mails.",
        read=key(50),
        demo="demo-only-abcdefghijklmnopqrstuvwxyz-0123456789-0123456789",
        is_required=True,
        is_secret=True,
    ),
    Variable(
        name="SECRET_KEY_FALLBACKS",
        meaning="Earlier values of `SECRET_KEY` whose links still work, separated by commas.",
        read=keys(50),
        is_secret=True,
    ),
    Variable(
        name="ADDRESS_KEY",
        meaning="Keys the hashes of addresses that must not be written to any more. Never change "
        "it; without one of its own, give it the old `SECRET_KEY` before that changes.",
        read=key(50),
        default="$SECRET_KEY",
        is_secret=True,
    ),
    Variable(
        name="JWT_SIGNING_KEY",
        meaning="Signs the API's access and refresh tokens.",
        read=key(32),
        demo="demo-only-jwt-abcdefghijklmnopqrstuvwxyz-0123456789",
        is_required=True,
        is_secret=True,
    ),
    Variable(
        name="METRICS_TOKEN",
        meaning="Opens `/metrics` and the details of `/api/health/status/` as a Bearer token. "
        "Without it `/metrics` is not there.",
        read=optional(key(16)),
        is_secret=True,
    ),
    Variable(
        name="FLOWER_PASSWORD",
        meaning="The password of the user `operator` of Flower. Flower does not start without it.",
        read=optional(key(16)),
        is_secret=True,
    ),
    Variable(
        name="ADMIN_OTP_REQUIRED",
        meaning="Whether the admin site demands a second factor.",
        read=flag,
        default="0",
    ),
)

DATA = (
    Variable(
        name="DATABASE_URL",
        meaning="PostgreSQL 18: `postgresql://user:password@host:port/database`; `?host=/folder` "
        "for a socket.",
        read=url(*_POSTGRESQL),
        is_required=True,
        is_secret=True,
        example="postgresql://challenge:password@db.internal:5432/challenge",
    ),
    Variable(
        name="DATABASE_PASSWORD",
        meaning="Stands in for the password in `DATABASE_URL`.",
        is_secret=True,
    ),
    Variable(
        name="DATABASE_DIRECT_URL",
        meaning="The same database past a connection pooler, for the lock that beats lead by.",
        read=optional(url(*_POSTGRESQL)),
        is_secret=True,
        example="postgresql://challenge:password@db.internal:5432/challenge",
    ),
    Variable(
        name="REDIS_URL",
        meaning="Redis or Valkey, without a database number.",
        read=url(*_REDIS),
        is_required=True,
        is_secret=True,
        example="redis://redis.internal:6379",
    ),
    Variable(
        name="BROKER_URL",
        meaning="The queue. Append-only, and never evicting.",
        read=url(*_REDIS),
        default="$REDIS_URL/0",
        is_secret=True,
    ),
    Variable(
        name="CACHE_URL",
        meaning="The cache and the rate limits. May be lost at any time.",
        read=url(*_REDIS),
        default="$REDIS_URL/1",
        is_secret=True,
    ),
)

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

SECTIONS = {
    "Mode": MODE,
    "Site": SITE,
    "Secrets": SECRETS,
    "Database and queue": DATA,
    "Mail": MAIL,
    "Supply": SUPPLY,
}
VARIABLES = tuple(variable for section in SECTIONS.values() for variable in section)
