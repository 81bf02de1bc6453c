-- The schema must be the installer's own and empty: whoever owns a schema can replace what stands in it, and what a
-- stranger put there before would be taken for a part of the extension.
DO $$
DECLARE
  space pg_catalog.pg_namespace%ROWTYPE;
BEGIN
  SELECT * INTO STRICT space FROM pg_catalog.pg_namespace WHERE nspname = 'bpt';
  IF space.nspowner <> current_user::pg_catalog.regrole::pg_catalog.oid
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE oid = space.nspowner AND rolsuper) THEN
    RAISE EXCEPTION 'schema "bpt" belongs to role "%"', pg_catalog.pg_get_userbyid(space.nspowner)
      USING ERRCODE = 'insufficient_privilege',
            HINT = 'Drop or rename that schema; CREATE EXTENSION bpt makes its own.';
  END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = space.oid)
     OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = space.oid)
     OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE typnamespace = space.oid)
     OR EXISTS (SELECT FROM pg_catalog.pg_operator WHERE oprnamespace = space.oid) THEN
    RAISE EXCEPTION 'schema "bpt" is not empty'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Drop or rename that schema; CREATE EXTENSION bpt makes its own.';
  END IF;
END
$$;

-- Roles of the whole server, made if missing and never dropped. They own nothing and cannot log in: members count.
DO $$
DECLARE
  needed record;
BEGIN
  FOR needed IN VALUES
    ('bpt_admin', 'Administers business processes: sees all of them, ends, retries and assigns their activities.'),
    ('bpt_monitor', 'Sees all business processes and changes none.'),
    ('bpt_proxy', 'Applications that name their user by the setting bpt.user_id.'),
    ('bpt_publisher', 'May publish definitions of business processes.')
  LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = needed.column1::pg_catalog.name);
    EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', needed.column1);
    EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', needed.column1, needed.column2);
  END LOOP;
END
$$;

-- Who the users are is for administrators to say.
GRANT SET ON PARAMETER "bpt.user_provider" TO bpt_admin;
