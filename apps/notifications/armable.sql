-- Whether a delivery may still be sent, asked in the statement that arms it (apps/mail/advance.sql).
-- A solution goes out though its problem has been archived since; see docs/architecture.md.
NOT EXISTS (SELECT FROM mail_suppression WHERE digest = %(next_digest)s)
AND EXISTS (
    SELECT FROM notifications_subscription AS subscription
    WHERE subscription.id = row.subscription_id
      AND subscription.status = 'active'
      AND (row.kind = 'challenge' OR subscription.send_solutions)
)
AND (
    row.kind = 'solution'
    OR EXISTS (
        SELECT FROM problems_problem AS problem
        WHERE problem.id = row.problem_id AND problem.status = 'approved'
    )
)
