-- Settle the row whose mail has left and arm the next one, in one statement and one transaction.
-- Either may be missing: its id is NULL then. What stands in braces is the outbox's own.
--
-- Each UPDATE names its row by primary key and repeats every condition itself, so that a row which
-- somebody else changes while we wait for it is looked at again (a condition in a joined subquery
-- would not be). Parameters end in their part: done_… of the row to be settled, next_… of the row
-- to be armed.
--
-- Plan (deliveries, cost 58): Update over an Index Scan on the primary key for each of the two rows,
-- 8.48 each; Insert of the sequel from the CTE; the conditions are One-Time Filters and probes of
-- mail_suppression, notifications_subscription and problems_problem by unique index. 73 buffers in
-- all, whatever the tables hold. Prepared (core.prepared): planning takes longer than running.
WITH manner AS MATERIALIZED (
    -- A quick commit does not wait for the disk; see apps/mail/ledger.py. We hold two rows at once:
    -- whoever waits for us in a circle must not be the one who fails.
    SELECT set_config(
               'synchronous_commit',
               CASE WHEN %(is_quick)s THEN 'off' ELSE current_setting('synchronous_commit') END,
               true
           ),
           set_config('lock_timeout', '500ms', true)
), settled AS (
    UPDATE {table} AS row
    SET status = %(done_status)s,
        attempts = %(done_attempts)s,
        uncertain_count = GREATEST(row.uncertain_count, %(done_uncertain_count)s),
        solo_claims = 0,
        not_before = %(done_not_before)s,
        lease_until = NULL,
        lease_owner = NULL,
        message_id = %(done_message_id)s,
        provider_message_id = %(done_provider_message_id)s,
        sent_at = %(done_sent_at)s,
        last_code = %(done_last_code)s
    WHERE EXISTS (SELECT FROM manner)
      AND row.id = %(done_id)s
      AND (
          -- In this attempt, or the database has forgotten that it is.
          row.lease_owner = %(done_owner)s AND (
              row.status = 'sending' AND row.attempts = %(done_number)s
              OR row.status = 'claimed' AND row.attempts = %(done_number)s - 1
          )
          -- "Sent" is the truth even when it is heard late: after a pause that outlasted the lease.
          OR %(done_status)s = 'sent'
             AND row.attempts = %(done_number)s
             AND row.status IN ('uncertain', 'planned', 'claimed')
      )
    RETURNING row.*
), sequel AS (
    {sequel}
), armed AS (
    UPDATE {table} AS row
    SET status = 'sending',
        attempts = row.attempts + 1,
        solo_claims = 0,
        lease_until = %(next_lease_until)s,
        message_id = %(next_message_id)s
    WHERE EXISTS (SELECT FROM manner)
      AND row.id = %(next_id)s
      AND row.status = 'claimed'
      AND row.lease_owner = %(next_owner)s
      AND row.attempts = %(next_number)s - 1
      AND row.lease_until > %(now)s
      AND EXISTS (SELECT FROM mail_sendingswitch WHERE id = 1 AND is_on)
      AND ({armable})
    RETURNING row.id
)
SELECT (SELECT count(*) FROM settled), (SELECT count(*) FROM armed)
