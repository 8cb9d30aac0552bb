-- The policy of choosing.py for a whole batch. Parameter: ids, the subscriptions to choose for.
-- Returns (subscription_id, problem_id, code, interest_id), one row for each that is not starved.
--
-- Plan: for each subscription a nested loop over its interests in order of turn (index on subscriptiontag), inside
-- it an index-only scan of rankedproblem_walk, already in the order wanted, that stops at the first problem not yet
-- had (probe of delivery_problem_once). The wider searches run only where the narrower found nothing: each is
-- guarded by a one-time filter. For 5,000 subscribers of 3 interests: cost 149,755, of which 54,829 is step 1; 16
-- buffers a subscriber when the first try hits, 3 more and about 1 µs for each problem skipped; steps 2 and 3 are
-- "never executed" where step 1 finds something.
WITH batch AS (
    SELECT id, bucket, slot_count + 1 AS slot, difficulties
    FROM notifications_subscription
    WHERE id = ANY(%(ids)s)
)
SELECT batch.id,
       COALESCE(wanted.problem_id, wider.problem_id, anything.problem_id) AS problem_id,
       CASE WHEN wanted.problem_id IS NOT NULL THEN 'interest'
            WHEN wider.problem_id IS NOT NULL THEN 'parent'
            ELSE 'any' END AS code,
       COALESCE(wanted.tag_id, wider.tag_id) AS interest_id
FROM batch
-- 1. The interest whose turn it is, then the next ones round.
LEFT JOIN LATERAL (
    SELECT walk.problem_id, turn.tag_id
    FROM (
        SELECT tag_id, (place - batch.slot %% tag_count + tag_count) %% tag_count AS step
        FROM (
            SELECT tag_id,
                   row_number() OVER (ORDER BY md5(batch.id || ':' || tag_id) COLLATE "C", tag_id) - 1 AS place,
                   count(*) OVER () AS tag_count
            FROM notifications_subscriptiontag
            WHERE subscription_id = batch.id
        ) AS placed
        ORDER BY step
    ) AS turn
    CROSS JOIN LATERAL (
        SELECT ranked.problem_id
        FROM problems_rankedproblem AS ranked
        WHERE ranked.tag_id = turn.tag_id
          AND ranked.bucket = batch.bucket
          AND ranked.difficulty = ANY(batch.difficulties)
          AND NOT EXISTS (
              SELECT FROM notifications_delivery AS had
              WHERE had.subscription_id = batch.id AND had.problem_id = ranked.problem_id
                AND had.kind = 'challenge' AND had.status <> 'cancelled'
          )
        ORDER BY ranked.tier, ranked.rank, ranked.problem_id
        LIMIT 1
    ) AS walk
    ORDER BY turn.step
    LIMIT 1
) AS wanted ON TRUE
-- 2. The parents of the wanted tags, in the same manner.
LEFT JOIN LATERAL (
    SELECT walk.problem_id, turn.tag_id
    FROM (
        SELECT tag_id, (place - batch.slot %% tag_count + tag_count) %% tag_count AS step
        FROM (
            SELECT tag_id,
                   row_number() OVER (ORDER BY md5(batch.id || ':' || tag_id) COLLATE "C", tag_id) - 1 AS place,
                   count(*) OVER () AS tag_count
            FROM (
                SELECT DISTINCT tag.parent_id AS tag_id
                FROM notifications_subscriptiontag AS interest
                JOIN tags_tag AS tag ON tag.id = interest.tag_id
                WHERE interest.subscription_id = batch.id AND tag.parent_id IS NOT NULL
                  AND wanted.problem_id IS NULL
            ) AS parents
        ) AS placed
        ORDER BY step
    ) AS turn
    CROSS JOIN LATERAL (
        SELECT ranked.problem_id
        FROM problems_rankedproblem AS ranked
        WHERE ranked.tag_id = turn.tag_id
          AND ranked.bucket = batch.bucket
          AND ranked.difficulty = ANY(batch.difficulties)
          AND NOT EXISTS (
              SELECT FROM notifications_delivery AS had
              WHERE had.subscription_id = batch.id AND had.problem_id = ranked.problem_id
                AND had.kind = 'challenge' AND had.status <> 'cancelled'
          )
        ORDER BY ranked.tier, ranked.rank, ranked.problem_id
        LIMIT 1
    ) AS walk
    ORDER BY turn.step
    LIMIT 1
) AS wider ON TRUE
-- 3. The whole bank. IS NULL is no equality to the planner: only the full order saves it a sort.
LEFT JOIN LATERAL (
    SELECT ranked.problem_id
    FROM problems_rankedproblem AS ranked
    WHERE wanted.problem_id IS NULL AND wider.problem_id IS NULL
      AND ranked.tag_id IS NULL
      AND ranked.bucket = batch.bucket
      AND ranked.difficulty = ANY(batch.difficulties)
      AND NOT EXISTS (
          SELECT FROM notifications_delivery AS had
          WHERE had.subscription_id = batch.id AND had.problem_id = ranked.problem_id
            AND had.kind = 'challenge' AND had.status <> 'cancelled'
      )
    ORDER BY ranked.tag_id, ranked.bucket, ranked.tier, ranked.rank, ranked.problem_id
    LIMIT 1
) AS anything ON TRUE
WHERE COALESCE(wanted.problem_id, wider.problem_id, anything.problem_id) IS NOT NULL
