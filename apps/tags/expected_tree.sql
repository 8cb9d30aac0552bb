-- Where each tag must stand according to parent_id alone: (id, tree_id, level, lft, rght).
-- The oracle of check_tree, and what a rebuild writes. Of the stored numbers it believes only the order of siblings,
-- which nothing else holds, and the tree of a root, unless two roots claim the same one.
-- A tag that no root leads to (a cycle) is left out.
--
-- Plan: recursive union, a hash join on parent_id for each level; one sort by path; one hash aggregate for the sizes.
-- Cost: tags times depth, some 10 ms for 1,000 tags.
WITH RECURSIVE
roots AS (
    SELECT id, lft,
           CASE row_number() OVER (PARTITION BY tree_id ORDER BY id)
               WHEN 1 THEN tree_id
               ELSE (SELECT max(tree_id) FROM tags_tag) + row_number() OVER (ORDER BY id)
           END AS tree_id
    FROM tags_tag
    WHERE parent_id IS NULL
),
walk (id, tree_id, level, path, line) AS (
    SELECT id, tree_id, 0, ARRAY[lft, id], ARRAY[id]
    FROM roots
    UNION ALL
    SELECT tag.id, walk.tree_id, walk.level + 1, walk.path || ARRAY[tag.lft, tag.id], walk.line || tag.id
    FROM walk
    JOIN tags_tag AS tag ON tag.parent_id = walk.id
),
sized AS (
    SELECT ancestor_id AS id, count(*) AS size
    FROM walk
    CROSS JOIN unnest(line) AS ancestor_id
    GROUP BY ancestor_id
),
placed AS (
    SELECT id, tree_id, level,
           -- Before a tag stand the left edges of all that precede it, and the right edges of those that
           -- precede it and are not above it.
           2 * row_number() OVER (PARTITION BY tree_id ORDER BY path) - level - 1 AS lft
    FROM walk
)
SELECT id, tree_id, level, lft, lft + 2 * size - 1 AS rght
FROM placed
JOIN sized USING (id)
