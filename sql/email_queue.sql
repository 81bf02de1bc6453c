-- EMAIL queues a message in the transaction of its activity; no mail server is needed for what is tested here.
\set VERBOSITY default
\ir test/regress/setup.sql
