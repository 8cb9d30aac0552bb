"""Settings of a campaign: the platform's own, with waits that a campaign can wait for.

CAMPAIGN_SETTINGS holds them as a JSON object; everything else comes from the environment as ever.
"""

import json
import os

from config.settings import *  # noqa: F403 -- a settings module

globals().update(json.loads(os.environ.get("CAMPAIGN_SETTINGS", "{}")))
INSTALLED_APPS = [*INSTALLED_APPS, *os.environ.get("CAMPAIGN_APPS", "").split()]  # noqa: F405 -- see above
