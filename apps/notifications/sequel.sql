-- A challenge that went out, or may have, is followed by its solution; one that is sent again moves
-- its solution. Part of the settling statement (apps/mail/advance.sql), so both happen or neither.
-- The instant is computed by notifications.clock; the planner writes no solutions.
INSERT INTO notifications_delivery (
    subscription_id, problem_id, problem_version, kind, slot, local_date, due_at, reason_code,
    reason_interest_id, reason_path, status, attempts, uncertain_count, solo_claims, message_id,
    provider_message_id, last_code
)
SELECT settled.subscription_id, settled.problem_id, settled.problem_version, 'solution',
       settled.slot, %(done_solution_date)s, %(done_solution_at)s, settled.reason_code,
       settled.reason_interest_id, settled.reason_path, 'planned', 0, 0, 0, '', '', ''
FROM settled
WHERE settled.kind = 'challenge'
  AND settled.status IN ('sent', 'uncertain')
  AND (
      SELECT subscription.status = 'active' AND subscription.send_solutions
      FROM notifications_subscription AS subscription
      WHERE subscription.id = settled.subscription_id
  )
ON CONFLICT (subscription_id, slot, kind) WHERE status <> 'cancelled' DO UPDATE
SET due_at = EXCLUDED.due_at, local_date = EXCLUDED.local_date
WHERE notifications_delivery.status = 'planned'
RETURNING id
