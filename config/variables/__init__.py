"""Every environment variable that the platform reads, in the order of docs/configuration.md.

That page and .env.example are written from this table by `python -m config.describe --write`.
"""

from config.variables.data import DATA
from config.variables.keys import SECRETS
from config.variables.mail import MAIL, SUPPLY
from config.variables.site import MODE, SITE

SECTIONS = {
    "Mode": MODE,
    "Site": SITE,
    "Secrets": SECRETS,
    "Database and queue": DATA,
    "Mail": MAIL,
    "Supply": SUPPLY,
}
VARIABLES = tuple(variable for section in SECTIONS.values() for variable in section)
