-- Who has a node id. The holder increments `beats`; others judge by its changes whether the holder lives.
CREATE TABLE reachability.node_slots (
  node_id text PRIMARY KEY,
  holder text NOT NULL,
  beats bigint NOT NULL
);
