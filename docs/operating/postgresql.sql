-- As the server's administrator: psql --file=docs/operating/postgresql.sql
-- guidance_owner makes and changes tables (migrate); guidance is the site, and can do neither.

CREATE ROLE guidance_owner LOGIN CREATEDB CONNECTION LIMIT 10; -- CREATEDB: backups are restored aside
CREATE ROLE guidance LOGIN CONNECTION LIMIT 40;
CREATE DATABASE guidance OWNER guidance_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE guidance FROM PUBLIC;
GRANT CONNECT ON DATABASE guidance TO guidance;

-- The site asks for these itself; behind PgBouncer, which passes no options on, they count from here
ALTER ROLE guidance SET statement_timeout = '10s';
ALTER ROLE guidance SET lock_timeout = '5s';
ALTER ROLE guidance SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE guidance_owner SET lock_timeout = '5s';

-- What of this the site may not do to the record, “manage.py grant guidance” takes away after each migrate
\connect guidance
ALTER SCHEMA public OWNER TO guidance_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO guidance;
ALTER DEFAULT PRIVILEGES FOR ROLE guidance_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO guidance;
ALTER DEFAULT PRIVILEGES FOR ROLE guidance_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO guidance;
