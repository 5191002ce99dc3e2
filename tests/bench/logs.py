"""What the years of a city leave in 消息 and 审计日志, which the demo city does not write: `tests.bench.logs URL`.

A message to each whom a step concerns, and two entries for each step (the step, and a sign-in, an edit or an upload
before it). Nobody verifies these: their seals and links are no real ones.
"""

import sys

import psycopg

MESSAGES = """
    INSERT INTO workflow_message (recipient_id, key, text, path, record_id, created_at, read_at)
    SELECT concerned.person, 'event-' || event.id, dossier.name || ' · ' || record.title || '：已上报，请审核。', '',
           record.id, event.at, CASE WHEN event.at < now() - interval '7 days' THEN event.at + interval '1 day' END
    FROM workflow_event event
    JOIN workflow_record record ON record.id = event.record_id
    JOIN workflow_dossier dossier ON dossier.id = record.dossier_id
    CROSS JOIN LATERAL (
        SELECT id AS person FROM accounts_user
        WHERE event.action = 'submit' AND role = 'dept_reviewer' AND department_id = dossier.department_id
        UNION
        SELECT id FROM accounts_user WHERE event.action = 'approve' AND role = 'office_reviewer'
        UNION
        SELECT record.submitter_id WHERE event.action NOT IN ('submit', 'approve') AND record.submitter_id IS NOT NULL
    ) concerned
    ON CONFLICT DO NOTHING
"""
ENTRIES = """
    INSERT INTO accounts_auditentry
        (token, at, person, name, department, role, action, kind, key, title, after, result, address, algorithm, seal)
    SELECT gen_random_uuid(), event.at - make_interval(mins => 10 * earlier), event.actor_id, event.actor_name,
           event.actor_department, '市级部门录入人员',
           CASE WHEN earlier = 0 THEN 'step' ELSE (ARRAY['sign_in', 'edit', 'upload'])[1 + event.id % 3] END,
           '填报记录', record.id::text, left(dossier.name || ' ' || record.title, 200),
           jsonb_build_object('步骤', event.action, '版本', event.version::text),
           CASE WHEN event.id % 50 = 0 THEN 'denied' ELSE 'done' END, '10.0.0.' || event.actor_id % 250,
           'hmac-sha256', encode(sha256((event.id || '-' || earlier)::bytea), 'hex')
    FROM workflow_event event
    JOIN workflow_record record ON record.id = event.record_id
    JOIN workflow_dossier dossier ON dossier.id = record.dossier_id
    CROSS JOIN generate_series(0, 1) earlier
    ORDER BY event.at
"""
LINKS = """
    INSERT INTO accounts_auditlink (position, entry_id, previous, algorithm, hash)
    SELECT (SELECT coalesce(max(position), 0) FROM accounts_auditlink) + row_number() OVER (ORDER BY id), id,
           encode(sha256(id::text::bytea), 'hex'), 'hmac-sha256', encode(sha256((id + 1)::text::bytea), 'hex')
    FROM accounts_auditentry entry
    WHERE NOT EXISTS (SELECT 1 FROM accounts_auditlink WHERE entry_id = entry.id)
"""


def main(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (MESSAGES, ENTRIES, LINKS):
            connection.execute(statement)


if __name__ == "__main__":
    main(sys.argv[1])
