-- Deliveries with all that sending them takes, in order of sending: the reader, and the challenge that a
-- solution solves or that came before a challenge. The columns are those of Dispatch and Neighbour.
--
-- Plan (50 deliveries, cost 530): from the primary key of deliveries to those of subscriptions and users, and a
-- probe of an index of deliveries by subscription for each neighbour; 7 buffers a row. LATERAL with LIMIT, because a
-- join was done by reading all deliveries where nothing was known of the table yet.
SELECT row.id, row.kind, row.slot, row.due_at, row.local_date, row.attempts, row.uncertain_count,
       row.lease_owner, row.message_id, row.problem_id, row.problem_version, row.reason_code, row.reason_path,
       row.subscription_id, reader.email, subscription.timezone, subscription.delivery_time,
       subscription.weekdays, subscription.subscribed_at,
       neighbour.id, neighbour.status, neighbour.due_at, neighbour.local_date,
       neighbour.problem_version, neighbour.message_id, about.title
FROM notifications_delivery AS row
JOIN notifications_subscription AS subscription ON subscription.id = row.subscription_id
JOIN accounts_user AS reader ON reader.id = subscription.user_id
LEFT JOIN LATERAL (
    SELECT * FROM notifications_delivery
    WHERE subscription_id = row.subscription_id
      AND slot = row.slot - (row.kind = 'challenge')::int
      AND kind = 'challenge'
      AND status <> 'cancelled'
    LIMIT 1
) AS neighbour ON TRUE
LEFT JOIN problems_problem AS about ON about.id = neighbour.problem_id
WHERE row.id = ANY(%(ids)s)
ORDER BY row.due_at, row.id
