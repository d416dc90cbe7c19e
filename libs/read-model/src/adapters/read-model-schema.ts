/**
 * Number of the tables of all projections. Increase it with every change that an older version of a projection cannot be
 * read with: the next start then makes the read model anew from the log.
 */
export const READ_MODEL_SCHEMA = 3;
