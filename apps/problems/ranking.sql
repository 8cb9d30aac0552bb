-- Make the ranked lists true again for some problems and some tags; returns how many rows came in.
-- Parameters: problem_ids and tag_ids; null stands for all of them, and with tag_ids null the lists of the whole bank
-- (tag null) belong to the scope too. The hash is that of rank.py, a test holds the two together.
--
-- Plan: problems by primary key, or all approved ones; each tag of theirs joined with the tags above it (a nested loop
-- over tags_tag, which is small); 32 buckets for each pair; a hash full join between that and the rows in scope, found by
-- the index on problem or the walk's index on tag. Cost: for each pair of problem and tag 32 rows looked at, about 0.1 ms;
-- rows that are right already are not written.
--
-- Shaped so that no wrong estimate makes it quadratic: the tables are at their largest right after an import, before
-- anybody has counted their rows. Anti-joins of two CTEs became nested loops then, of a minute for 75 problems; a full
-- join can only be hashed or merged, and what a pair needs of its problem it carries along.
WITH scope AS (
    SELECT id, uuid, difficulty,
           CASE vetting_tier WHEN 'tier1_manual' THEN 1 WHEN 'tier2_ai' THEN 2 ELSE 3 END AS tier
    FROM problems_problem
    WHERE status = 'approved' AND NOT is_held
      AND (%(problem_ids)s::bigint[] IS NULL OR id = ANY(%(problem_ids)s))
),
pairs AS (
    SELECT DISTINCT scope.*, above.id AS tag_id
    FROM scope
    JOIN problems_problemtag AS link ON link.problem_id = scope.id
    JOIN tags_tag AS tag ON tag.id = link.tag_id
    JOIN tags_tag AS above ON above.tree_id = tag.tree_id AND tag.lft BETWEEN above.lft AND above.rght
    WHERE %(tag_ids)s::bigint[] IS NULL OR above.id = ANY(%(tag_ids)s)
    UNION ALL
    SELECT scope.*, NULL
    FROM scope
    WHERE %(tag_ids)s::bigint[] IS NULL
),
wanted AS (
    SELECT id AS problem_id, tag_id, bucket, tier, difficulty,
           (('x' || left(md5(uuid::text || ':' || bucket), 8))::bit(32)::bigint >> 1)::integer AS rank
    FROM pairs
    CROSS JOIN generate_series(0, 31) AS bucket
),
listed AS (
    SELECT id, problem_id, tag_id, bucket, tier, rank, difficulty
    FROM problems_rankedproblem
    WHERE (%(problem_ids)s::bigint[] IS NULL OR problem_id = ANY(%(problem_ids)s))
      AND (%(tag_ids)s::bigint[] IS NULL OR tag_id = ANY(%(tag_ids)s))
),
differences AS MATERIALIZED (
    SELECT listed.id AS listed_id, wanted.*
    FROM wanted
    FULL JOIN listed
      ON (wanted.problem_id, COALESCE(wanted.tag_id, 0), wanted.bucket, wanted.tier, wanted.rank, wanted.difficulty)
       = (listed.problem_id, COALESCE(listed.tag_id, 0), listed.bucket, listed.tier, listed.rank, listed.difficulty)
    WHERE wanted.problem_id IS NULL OR listed.id IS NULL
),
surplus AS (
    DELETE FROM problems_rankedproblem
    WHERE id = ANY (ARRAY(SELECT listed_id FROM differences WHERE listed_id IS NOT NULL))
    RETURNING id
),
gained AS (
    INSERT INTO problems_rankedproblem (problem_id, tag_id, bucket, tier, rank, difficulty)
    SELECT problem_id, tag_id, bucket, tier, rank, difficulty
    FROM differences
    WHERE listed_id IS NULL
      -- Always true, but it makes the deletion finish first: a row that comes back with another difficulty has the
      -- same unique key as the one that goes.
      AND (SELECT count(*) FROM surplus) >= 0
    ORDER BY tag_id, bucket, tier, rank, problem_id
    RETURNING id
)
SELECT count(*) FROM gained
