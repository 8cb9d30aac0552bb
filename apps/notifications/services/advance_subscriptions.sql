-- Writes back what a batch decided about each subscription.
-- Plan: nested loop of Function Scan on unnest and Index Scan on the primary key.
UPDATE notifications_subscription AS s
SET next_delivery_at = new.next_at, last_due_at = new.last_due_at,
    starved_at = new.starved_at, slot_count = new.slot_count
FROM unnest(
    %(ids)s::bigint[], %(next_ats)s::timestamptz[], %(last_due_ats)s::timestamptz[],
    %(starved_ats)s::timestamptz[], %(slot_counts)s::int[]
) AS new (id, next_at, last_due_at, starved_at, slot_count)
WHERE s.id = new.id
