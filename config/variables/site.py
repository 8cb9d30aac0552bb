"""How the platform runs, and where it is found."""

from config.environment import Variable
from config.readers import flag, hosts, link_with, one_of, origins, site, whole

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
