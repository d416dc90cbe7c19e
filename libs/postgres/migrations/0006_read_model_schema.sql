-- Which tables the versions of projections have: a program with others makes them anew from the log.

ALTER TABLE reachability.read_model ADD COLUMN tables integer NOT NULL DEFAULT 1;
