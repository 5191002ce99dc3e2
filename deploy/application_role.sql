-- A role for the service that can add to the audit log but not change it, and owns no table whose triggers it could
-- drop. Run by the owner of the tables (here: reform), in the product's database, after the first migration. To make a
-- role the owner needs the right to, from a superuser: ALTER ROLE reform CREATEROLE; afterwards NOCREATEROLE.
--
--     psql -d reform -f deploy/application_role.sql
--     ALTER ROLE reform_app PASSWORD '…';
--
-- The service then runs with DATABASE_URL=postgres://reform_app:…; `migrate`, `./run update`, `restore` and
-- `verify-backup` run as the owner.

CREATE ROLE reform_app LOGIN;
GRANT USAGE ON SCHEMA public TO reform_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO reform_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO reform_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO reform_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO reform_app;
-- As config/database.py says them in the connection's options, which a pool does not pass on.
ALTER ROLE reform_app SET statement_timeout = '7s';
ALTER ROLE reform_app SET lock_timeout = '5s';
ALTER ROLE reform_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE reform_app SET jit = off;
ALTER ROLE reform_app SET random_page_cost = 1.1;
REVOKE UPDATE, DELETE, TRUNCATE ON accounts_auditentry, accounts_auditlink FROM reform_app;
ALTER ROLE reform_app SET max_parallel_workers_per_gather = 0;
