-- Whether a delivery may still be sent, asked in the statement that arms it (apps/mail/advance.sql).
-- A solution goes out though its problem has been archived since; see docs/architecture.md.
NOT EXISTS (SELECT FROM mail_suppression WHERE digest = %(next_digest)s)
AND (
    SELECT subscription.status = 'active'
           AND (row.kind = 'challenge' OR subscription.send_solutions)
    FROM notifications_subscription AS subscription
    WHERE subscription.id = row.subscription_id
)
AND (
    row.kind = 'solution'
    OR (
        SELECT problem.status = 'approved'
        FROM problems_problem AS problem WHERE problem.id = row.problem_id
    )
)
