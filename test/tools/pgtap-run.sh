#!/usr/bin/env bash
# Runs one pgTAP file in a fresh database with pgtap and bpt in it, for prove; the server is that of the environment.
set -u
name=tap_$(basename "$1" .sql)
psql -Xq -d postgres -v ON_ERROR_STOP=1 -c 'SET client_min_messages = warning' -c "DROP DATABASE IF EXISTS $name" -c "CREATE DATABASE $name" >/dev/null || exit 2
psql -Xq -d "$name" -v ON_ERROR_STOP=1 -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION pgtap' -c 'CREATE EXTENSION bpt' >/dev/null || exit 2
exec psql -XqAt -d "$name" -v ON_ERROR_STOP=1 -P pager=off -f "$1"
