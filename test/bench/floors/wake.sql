-- One UPDATE by key, for match_scale: what touching one row of a table costs as the table grows.
CREATE TABLE subject (id bigint PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 75);

-- Rows at random, the same ones for the same seed.
CREATE PROCEDURE touch(times bigint, rows bigint) LANGUAGE plpgsql AS $$
DECLARE
  the_subject bigint;
BEGIN
  PERFORM setseed(0.5);
  FOR i IN 1 .. times LOOP
    the_subject := 1 + floor(random() * rows);
    UPDATE subject SET n = n + 1 WHERE id = the_subject;
    IF i % 100 = 0 THEN
      COMMIT;
    END IF;
  END LOOP;
END $$;
