import os
import re
import subprocess
import sys
import zoneinfo
from importlib.resources import files

from django.conf import settings

CHECKOUT = settings.BASE_DIR
AT_NOON = """
from datetime import datetime
from zoneinfo import ZoneInfo

ZoneInfo("Europe/London")
import config
print(datetime(2027, 7, 1, 12, tzinfo=ZoneInfo("Europe/London")).utcoffset())
"""


def test_the_zone_data_of_a_machine_change_nothing(tmp_path):
    wrong = tmp_path / "Europe" / "London"
    wrong.parent.mkdir()
    wrong.write_bytes(files("tzdata.zoneinfo.Asia").joinpath("Tokyo").read_bytes())

    said = subprocess.run(
        [sys.executable, "-c", AT_NOON],
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == "1:00:00\n"


def test_this_test_run_reckons_by_the_pinned_data_too():
    assert zoneinfo.TZPATH == ()


def test_the_database_is_never_asked_about_a_zone():
    sql = list((CHECKOUT / "apps").rglob("*.sql"))
    asking = re.compile(r"at\s+time\s+zone|timezone\s*\(|\blocaltime", re.IGNORECASE)

    assert sql
    assert [path for path in sql if asking.search(path.read_text())] == []
