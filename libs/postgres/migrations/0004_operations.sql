-- What a node says of itself, for operators: JSON. Null where an older program renews the lease.
ALTER TABLE reachability.node_leases ADD COLUMN details text;
