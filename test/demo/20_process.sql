-- The definition, published as the shop's owner.
\set QUIET on
\pset footer off
\pset null ''
SET ROLE shop_owner;
\echo
\echo '== Order handling (test/fixtures/order_handling.bpt), published in one statement'
\echo
\set definition `cat ../fixtures/order_handling.bpt`
SELECT process, version, changed FROM bpt.publish(:'definition');
RESET ROLE;
