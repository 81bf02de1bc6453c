-- The definition, published as the shop's owner.
\set QUIET on
\pset footer off
\pset null ''
SET ROLE shop_owner;
\echo
\echo '== Order handling, published in one statement'
\echo
SELECT process, version, changed FROM bpt.publish($bpt$
PROCESS order_handling
  LABEL 'Order handling'
  DETAIL ('Order ' || order_id)
  LAUNCH ON INSERT INTO orders AS order_id WHERE (total > 0);

START -> provision;

AUTOMATIC provision
  DO (UPDATE orders SET status = 'provisioned' WHERE id = order_id RETURNING total)
  -> pack, invoice;                                  -- two connectors: two parallel paths

HUMAN pack
  LABEL 'Pack the order'
  INSTRUCTIONS 'Check every item against the list.'
  ROLE warehouse
  DESTINATION ('/orders/' || order_id || '/pack')
  DUE (interval '2 days')
  INPUT (parcels int, weight numeric DEFAULT 0)      -- given when the task is closed
  ON CLOSE CHECK (parcels > 0) MESSAGE 'At least one parcel.'
  -> payment;

AUTOMATIC invoice
  DO (SELECT invoice_no FROM shop.create_invoice(order_id, provision.total))
  -> END;

WAIT payment
  CLOSE ON UPDATE OF orders (paid_at) WHERE (id = order_id AND paid_at IS NOT NULL) OR ALREADY
  TIMEOUT (interval '30 days')
  -> paid;

DECISION paid
  WHEN (NOT payment.expired) -> ship
  ELSE -> cancel;

AUTOMATIC ship   DO (SELECT tracking FROM shop.ship(order_id, pack.parcels)) -> END;
AUTOMATIC cancel DO (UPDATE orders SET status = 'cancelled' WHERE id = order_id) -> END;
$bpt$);
RESET ROLE;
