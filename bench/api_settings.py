"""The settings under which the API is measured: those of the site, with room for many requests and
a plain view beside the others.
"""

from config.settings import *  # noqa: F403 -- all of them

RATE_LIMITS = dict.fromkeys(RATE_LIMITS, (10**9, 60))  # noqa: F405 -- from there
ROOT_URLCONF = "bench.api_urls"
