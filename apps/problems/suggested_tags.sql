-- Write into problem_metadata which suggested names a problem waits for, and which were turned down and why.
-- Parameter: ids of problems. The links problem–suggestion are the truth; this is how authors and curators see them.
--
-- Plan: for each problem one probe of the index of problemsuggestion on problem, one of the suggestion's key.
UPDATE problems_problem AS problem
SET problem_metadata = problem.problem_metadata || jsonb_build_object(
    'suggested_tags', COALESCE(asked.waiting, '[]'),
    'rejected_tags', COALESCE(asked.rejected, '[]')
)
FROM problems_problem AS self
LEFT JOIN LATERAL (
    SELECT jsonb_agg(link.typed_name ORDER BY link.id) FILTER (WHERE suggestion.status = 'pending') AS waiting,
           jsonb_agg(jsonb_build_object('name', link.typed_name, 'note', suggestion.note) ORDER BY link.id)
               FILTER (WHERE suggestion.status = 'rejected') AS rejected
    FROM problems_problemsuggestion AS link
    JOIN tags_tagsuggestion AS suggestion ON suggestion.id = link.suggestion_id
    WHERE link.problem_id = self.id
) AS asked ON TRUE
WHERE self.id = problem.id AND problem.id = ANY(%(ids)s)
