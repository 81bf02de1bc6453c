\echo Use "CREATE EXTENSION bpt" to load this file. \quit
