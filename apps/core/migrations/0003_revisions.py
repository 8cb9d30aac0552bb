"""Rows that say which state of a topic this is; see core.revisions. No model: nobody but triggers
writes them, and nothing else reads them.
"""

from django.db import migrations

# Never waits for another writer: rows that one has under its hands are passed over, and its own
# row changes the sum as well. The numbers are random, so that no state is taken for an older one.
MAKE = """
CREATE TABLE core_revision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    number bigint NOT NULL DEFAULT (random() * 9000000000000000)::bigint
);
CREATE FUNCTION core_revise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM core_revision WHERE id IN (
        SELECT id FROM core_revision WHERE topic = TG_ARGV[0] FOR UPDATE SKIP LOCKED
    );
    INSERT INTO core_revision (topic) VALUES (TG_ARGV[0]);
    RETURN NULL;
END
$$;
"""
UNMAKE = """
DROP FUNCTION core_revise();
DROP TABLE core_revision;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_tallies")]

    operations = [migrations.RunSQL(MAKE, UNMAKE)]
