"""Whether this is the database that sending was allowed for. A restored backup is not: it would
send again what its original has sent since.
"""

from django.db import connection

from apps.mail.models import SendingSwitch

UNCONFIRMED = (
    "This is another database than before, perhaps a restored backup. Look at what it would send, "
    "then: manage.py confirm_identity, manage.py sending on."
)


def present_identity() -> str:
    """The PostgreSQL cluster and the database in it; no dump carries either over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier || '/' || pg_database.oid "
            "FROM pg_control_system(), pg_database WHERE datname = current_database()"
        )
        return str(cursor.fetchone()[0])


def is_confirmed() -> bool:
    """Whether mail may leave this database. The very first time confirms itself."""
    present = present_identity()
    switch = SendingSwitch.objects.filter(pk=1)
    confirmed = switch.filter(database_identity=present)
    if confirmed.exists():
        return True
    # Of two that confirm at once one finds it done; asking again tells that from another database.
    return (
        bool(switch.filter(database_identity="").update(database_identity=present))
        or confirmed.exists()
    )


def confirm_identity() -> bool:
    """Let mail leave this database from now on; sending stays off if it is. False when it was
    confirmed already.
    """
    present = present_identity()
    switch = SendingSwitch.objects.filter(pk=1).exclude(database_identity=present)
    return bool(switch.update(database_identity=present))
