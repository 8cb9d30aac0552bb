-- Writes a batch of chosen challenges, each with the version its problem has now. No ON CONFLICT:
-- the planner counts what was written. Sorted, so that the indexes grow at one end.
-- Plan for 5,000 (cost 558): Insert over Sort (433) over a Hash Join (114) of Function Scan on unnest
-- and Seq Scan on problems_problem, which is the small one.
INSERT INTO notifications_delivery (
    subscription_id, problem_id, problem_version, kind, slot, local_date, due_at, reason_code,
    reason_interest_id, reason_path, status, attempts, uncertain_count, solo_claims, message_id,
    provider_message_id, last_code
)
SELECT new.subscription_id, new.problem_id, problem.version, 'challenge', new.slot, new.local_date,
       new.due_at, new.code, new.interest_id, new.path, 'planned', 0, 0, 0, '', '', ''
FROM unnest(
    %(subscription_ids)s::bigint[], %(problem_ids)s::bigint[], %(slots)s::int[],
    %(local_dates)s::date[], %(due_ats)s::timestamptz[], %(codes)s::text[],
    %(interest_ids)s::bigint[], %(paths)s::text[]
) AS new (subscription_id, problem_id, slot, local_date, due_at, code, interest_id, path)
JOIN problems_problem AS problem ON problem.id = new.problem_id
ORDER BY new.subscription_id
