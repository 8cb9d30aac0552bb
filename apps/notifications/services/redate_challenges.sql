-- A challenge that was held up until its successor is due takes the successor's instant and day.
-- Plan for 5,000 of 20,000 held up (cost 2,559): Update over a Hash Join of Function Scan on unnest and
-- Seq Scan; for few a Nested Loop with an Index Scan on delivery_one_per_slot_and_kind.
UPDATE notifications_delivery AS d
SET due_at = new.due_at, local_date = new.local_date
FROM unnest(
    %(subscription_ids)s::bigint[], %(due_ats)s::timestamptz[], %(local_dates)s::date[]
) AS new (subscription_id, due_at, local_date)
WHERE d.subscription_id = new.subscription_id AND d.kind = 'challenge'
  AND d.status IN ('planned', 'claimed', 'uncertain')
