-- Settle the row whose mail has left and arm the next one, in one statement and one transaction.
-- Either may be missing: its id is NULL then. What stands in braces is the outbox's own.
--
-- The one UPDATE names its rows by primary key and repeats every condition itself, so that a row
-- which somebody else changes while we wait for it is looked at again (a condition in a joined
-- subquery would not be). Parameters begin with their part: done_… of the row to be settled,
-- next_… of the row to be armed; both have one owner. It is one, not one for each row, because
-- PostgreSQL reads the text of a table's check constraints anew for each UPDATE: that took a quarter
-- of the time.
--
-- Conditions stand inside CASE and on other tables in scalar subqueries, which leaves primary keys
-- as the only way in: a plan made while a table is small and unknown is kept for the connection.
--
-- Plan (deliveries, cost 72): Update over a Bitmap Scan of the primary key for both rows; Insert
-- of the sequel from the CTE; probes of mail_suppression, mail_sendingswitch, problems_problem and
-- notifications_subscription by unique index. 53 buffers in all, whatever the tables hold.
-- Prepared (core.prepared): planning takes longer than running.
WITH manner AS MATERIALIZED (
    -- A quick commit does not wait for the disk; see apps/mail/ledger.py. We hold two rows at once:
    -- whoever waits for us in a circle must not be the one who fails.
    SELECT set_config(
               'synchronous_commit',
               CASE WHEN %(is_quick)s THEN 'off' ELSE current_setting('synchronous_commit') END,
               true
           ),
           set_config('lock_timeout', '500ms', true)
), moved AS (
    UPDATE {table} AS row
    SET status = CASE WHEN row.id = %(done_id)s THEN %(done_status)s ELSE 'sending' END,
        attempts = CASE WHEN row.id = %(done_id)s THEN %(done_attempts)s ELSE row.attempts + 1 END,
        uncertain_count = CASE
            WHEN row.id = %(done_id)s THEN GREATEST(row.uncertain_count, %(done_uncertain_count)s)
            ELSE row.uncertain_count
        END,
        solo_claims = 0,
        not_before = CASE
            WHEN row.id = %(done_id)s THEN %(done_not_before)s ELSE row.not_before
        END,
        lease_until = CASE WHEN row.id = %(done_id)s THEN NULL ELSE %(next_lease_until)s END,
        lease_owner = CASE WHEN row.id = %(done_id)s THEN NULL ELSE row.lease_owner END,
        message_id = CASE
            WHEN row.id = %(done_id)s THEN %(done_message_id)s ELSE %(next_message_id)s
        END,
        provider_message_id = CASE
            WHEN row.id = %(done_id)s THEN %(done_provider_message_id)s
            ELSE row.provider_message_id
        END,
        sent_at = CASE
            WHEN row.id = %(done_id)s THEN CASE WHEN %(done_status)s = 'sent' THEN %(now)s END
            ELSE row.sent_at
        END,
        last_code = CASE WHEN row.id = %(done_id)s THEN %(done_last_code)s ELSE row.last_code END
    WHERE EXISTS (SELECT FROM manner)
      AND row.id IN (%(done_id)s, %(next_id)s)
      AND CASE WHEN row.id = %(done_id)s THEN
          -- In this attempt, or the database has forgotten that it is.
          row.lease_owner = %(owner)s AND (
              row.status = 'sending' AND row.attempts = %(done_number)s
              OR row.status = 'claimed' AND row.attempts = %(done_number)s - 1
          )
          -- "Sent" is the truth even when it is heard late: after a pause that outlasted the lease.
          OR %(done_status)s = 'sent'
             AND row.attempts = %(done_number)s
             AND row.status IN ('uncertain', 'planned', 'claimed')
      ELSE
          row.status = 'claimed'
          AND row.lease_owner = %(owner)s
          AND row.attempts = %(next_number)s - 1
          AND row.lease_until > %(now)s
          AND (SELECT is_on FROM mail_sendingswitch WHERE id = 1)
          AND ({armable})
      END
    RETURNING row.*
), settled AS (
    SELECT * FROM moved WHERE id = %(done_id)s
), sequel AS (
    {sequel}
)
SELECT count(*) FILTER (WHERE id = %(done_id)s), count(*) FILTER (WHERE id = %(next_id)s)
FROM moved
