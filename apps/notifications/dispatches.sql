-- Deliveries with all that sending them takes, in order of sending: the reader, and the challenge that a
-- solution solves or that came before a challenge. The columns are those of Dispatch and Neighbour.
--
-- Plan (50 deliveries, cost 1,150): nested loops from the primary key of deliveries to those of subscriptions and
-- users, to delivery_one_per_slot_and_kind for the neighbour and from there to its problem. About 14 buffers a row,
-- whatever the tables hold.
SELECT row.id, row.kind, row.slot, row.due_at, row.local_date, row.attempts, row.uncertain_count,
       row.lease_owner, row.message_id, row.problem_id, row.problem_version, row.reason_code, row.reason_path,
       row.subscription_id, reader.email, subscription.timezone, subscription.delivery_time,
       subscription.weekdays, subscription.subscribed_at,
       neighbour.id, neighbour.status, neighbour.due_at, neighbour.local_date,
       neighbour.problem_version, neighbour.message_id, about.title
FROM notifications_delivery AS row
JOIN notifications_subscription AS subscription ON subscription.id = row.subscription_id
JOIN accounts_user AS reader ON reader.id = subscription.user_id
LEFT JOIN notifications_delivery AS neighbour
    ON neighbour.subscription_id = row.subscription_id
   AND neighbour.slot = row.slot - (row.kind = 'challenge')::int
   AND neighbour.kind = 'challenge'
   AND neighbour.status <> 'cancelled'
LEFT JOIN problems_problem AS about ON about.id = neighbour.problem_id
WHERE row.id = ANY(%(ids)s)
ORDER BY row.due_at, row.id
