\set n random(1, 1000000000000000)
BEGIN;
INSERT INTO resources (tenant, kind, id, version, created, modified, active, name, name_key,
                       external_id, made_by, made_from, body)
VALUES (1, 0, decode(md5(CAST(:n AS text)), 'hex'), 1, 1795338147167521, 1795338147167521, 1,
        concat('u', CAST(:n AS text)), concat('u', CAST(:n AS text)),
        concat('x', CAST(:n AS text)), 'tok_pgbench',
        decode(repeat('00', 32), 'hex'), CAST(:body AS text))
RETURNING row \gset
INSERT INTO emails (tenant, value, owner) VALUES (1, concat('u', CAST(:n AS text)), :row);
INSERT INTO pending (tenant, kind, object, name, at, actor, request, after, members)
VALUES (1, 1, decode(md5(CAST(:n AS text)), 'hex'), concat('u', CAST(:n AS text)),
        1795338147167521, 'tok_pgbench', '0000000000000000', decode(repeat('00', 16), 'hex'),
        0);
INSERT INTO counts (tenant, users, groups, memberships) VALUES (1, 1, 0, 0)
ON CONFLICT (tenant, slot) DO UPDATE SET users = counts.users + excluded.users;
INSERT INTO blocks (tenant, kind, block, live) VALUES (1, 0, :row / 1000, 1)
ON CONFLICT (tenant, kind, block, slot) DO UPDATE SET live = blocks.live + excluded.live;
COMMIT;
