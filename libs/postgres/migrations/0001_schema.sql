-- Everything that is not a version of a projection lives in the schema `reachability`, which the first migration finds
-- made. Roles that only read get what later migrations grant them.
COMMENT ON SCHEMA reachability IS 'Operational state and the registry of projections';
