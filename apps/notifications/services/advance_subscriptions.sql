-- Writes back what a batch decided about each subscription.
-- Plan for 5,000 of 20,000 (cost 3,053): Update over a Hash Join of Function Scan on unnest and Seq
-- Scan; in a larger table the join becomes a Nested Loop with an Index Scan on the primary key.
UPDATE notifications_subscription AS s
SET next_delivery_at = new.next_at, last_due_at = new.last_due_at,
    starved_at = new.starved_at, slot_count = new.slot_count
FROM unnest(
    %(ids)s::bigint[], %(next_ats)s::timestamptz[], %(last_due_ats)s::timestamptz[],
    %(starved_ats)s::timestamptz[], %(slot_counts)s::int[]
) AS new (id, next_at, last_due_at, starved_at, slot_count)
WHERE s.id = new.id
