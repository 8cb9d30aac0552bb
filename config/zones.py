"""Zone data come from the pinned tzdata, whatever this machine has; importing this sees to it.

A zone made before would go on with the machine's rules, so `config` imports this first of all.
"""

import zoneinfo

zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()
