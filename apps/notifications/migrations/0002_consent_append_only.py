"""The database itself keeps consent events as they were written.

Erasure may still part the person from the row; retention may delete rows older than three years.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION notifications_consentevent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.created_at > now() - interval '3 years' THEN
            RAISE EXCEPTION 'consent events are append-only' USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.action, NEW.words, NEW.door, NEW.created_at) IS DISTINCT FROM (OLD.action, OLD.words, OLD.door, OLD.created_at)
       OR (NEW.user_id IS NOT NULL AND NEW.user_id IS DISTINCT FROM OLD.user_id) THEN
        RAISE EXCEPTION 'consent events are append-only' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consentevent_append_only BEFORE UPDATE OR DELETE ON notifications_consentevent
    FOR EACH ROW EXECUTE FUNCTION notifications_consentevent_guard();
"""
UNGUARD = """
DROP TRIGGER consentevent_append_only ON notifications_consentevent;
DROP FUNCTION notifications_consentevent_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_subscriptions_and_deliveries")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
