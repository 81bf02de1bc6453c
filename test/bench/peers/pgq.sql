-- PgQ: one PL/pgSQL consumer, one UPDATE for each event, a transaction for each batch.
CREATE EXTENSION pgq;
SELECT pgq.create_queue('touched');
SELECT pgq.register_consumer('touched', 'bench');

-- Puts an event for each order into the queue, in batches of this many.
CREATE PROCEDURE enqueue(events_a_batch int) LANGUAGE plpgsql AS $$
DECLARE
  last_order bigint := (SELECT max(id) FROM orders);
  the_order bigint := 0;
BEGIN
  PERFORM pgq.set_queue_config('touched', 'ticker_max_count', events_a_batch::text);
  WHILE the_order < last_order LOOP
    PERFORM pgq.insert_event('touched', 'touch', id::text)
      FROM orders WHERE id > the_order AND id <= the_order + events_a_batch;
    the_order := the_order + events_a_batch;
    COMMIT;
    PERFORM pgq.ticker('touched');
    COMMIT;
  END LOOP;
  PERFORM pgq.force_tick('touched');
  COMMIT;
  PERFORM pgq.ticker('touched');
END $$;

CREATE PROCEDURE consume() LANGUAGE plpgsql AS $$
DECLARE
  the_batch bigint;
  the_event record;
BEGIN
  LOOP
    the_batch := pgq.next_batch('touched', 'bench');
    EXIT WHEN the_batch IS NULL;
    FOR the_event IN SELECT ev_data FROM pgq.get_batch_events(the_batch) LOOP
      UPDATE orders SET status = 'done' WHERE id = the_event.ev_data::bigint;
    END LOOP;
    PERFORM pgq.finish_batch(the_batch);
    COMMIT;
  END LOOP;
END $$;
