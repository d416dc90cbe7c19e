-- The `traceparent` of the command that a webhook comes from, where its trace is known.
ALTER TABLE reachability.webhook_deliveries ADD COLUMN trace_parent text;
