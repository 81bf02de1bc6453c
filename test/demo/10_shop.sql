-- A shop as it might stand in any database: one table of orders, functions that invoice and ship, people with roles.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION bpt;
CREATE ROLE shop_owner;
CREATE ROLE warehouse;
CREATE ROLE wendy IN ROLE warehouse;
GRANT bpt_publisher TO shop_owner;
CREATE SCHEMA shop AUTHORIZATION shop_owner;
GRANT USAGE ON SCHEMA shop TO warehouse;
ALTER DATABASE demo SET search_path = shop, public;
SET search_path = shop, public;
SET ROLE shop_owner;

CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer text NOT NULL, total numeric NOT NULL,
  status text NOT NULL DEFAULT 'new', tracking text, paid_at timestamptz);

CREATE TABLE invoice (
  invoice_no bigint GENERATED ALWAYS AS IDENTITY (START WITH 7001) PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders, amount numeric NOT NULL, created timestamptz NOT NULL DEFAULT now());

CREATE TABLE carrier (name text PRIMARY KEY, max_parcels int NOT NULL);
INSERT INTO carrier VALUES ('Swift', 3);

CREATE FUNCTION create_invoice(order_id bigint, amount numeric) RETURNS TABLE (invoice_no bigint) LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO invoice (order_id, amount) VALUES (create_invoice.order_id, create_invoice.amount)
    RETURNING invoice.invoice_no;
END;

-- Ships by a carrier that takes so many parcels; without one it fails, and the process tries again later.
CREATE FUNCTION ship(order_id bigint, parcels int) RETURNS TABLE (tracking text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  by_whom text := (SELECT name FROM carrier WHERE max_parcels >= ship.parcels ORDER BY max_parcels LIMIT 1);
BEGIN
  IF by_whom IS NULL THEN
    RAISE 'no carrier takes % parcels', ship.parcels USING ERRCODE = 'no_data_found';
  END IF;
  RETURN QUERY UPDATE orders SET status = 'shipped', tracking = format('%s-%s', upper(left(by_whom, 2)), 1000 + id)
    WHERE id = ship.order_id RETURNING orders.tracking;
END $$;
RESET ROLE;

-- The demo itself has to wait here and there until a worker has caught up: at most 15 seconds.
CREATE PROCEDURE public.until(what text, condition text) LANGUAGE plpgsql AS $$
DECLARE
  done boolean;
BEGIN
  FOR i IN 1 .. 300 LOOP
    EXECUTE 'SELECT ' || condition INTO done;
    IF done THEN RETURN; END IF;
    COMMIT;
    PERFORM pg_sleep(0.05);
  END LOOP;
  RAISE 'waited in vain: %', what;
END $$;
