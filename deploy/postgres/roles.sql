-- The two roles of the portal, and the database in the owner's hands. Run by a superuser inside the portal's database;
-- running it again changes nothing, and a database that one role made until now changes hands. Passwords are set apart.
-- What the application may do with each table is granted by `manage.py migrate`, which runs as the owner.
DO $$
DECLARE
    name text;
    command text;
BEGIN
    FOREACH name IN ARRAY ARRAY['portal_owner', 'portal_app'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I', name);
        END IF;
        EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name);
    END LOOP;

    EXECUTE format('ALTER DATABASE %I OWNER TO portal_owner', current_database());
    ALTER SCHEMA public OWNER TO pg_database_owner;
    FOR command IN
        SELECT format('ALTER TABLE %s OWNER TO portal_owner', oid::regclass) FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        UNION ALL
        SELECT format('ALTER FUNCTION %s OWNER TO portal_owner', p.oid::regprocedure) FROM pg_proc p
         WHERE pronamespace = 'public'::regnamespace
           AND NOT EXISTS (SELECT FROM pg_depend d  -- an extension's
                            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE command;
    END LOOP;

    -- Every role may enter every database unless it is told otherwise.
    FOR name IN SELECT datname FROM pg_database WHERE datallowconn LOOP
        EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', name);
    END LOOP;
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO portal_app', current_database());
END $$;
