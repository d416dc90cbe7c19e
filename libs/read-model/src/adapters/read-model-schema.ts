/**
 * Number of the tables of all projections. Increase it with every change that an older version of a projection cannot be
 * read with: the read model is then made anew from the log, in PostgreSQL beside that of the program before.
 */
export const READ_MODEL_SCHEMA = 3;
