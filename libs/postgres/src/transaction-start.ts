/**
 * `snapshot` only reads, and sees one state of the database in all its statements. `write` writes. The long ones have no
 * time limit, nor has the time between their statements: for maintenance, never for a request.
 */
export type TransactionKind = 'write' | 'snapshot' | 'long write' | 'long snapshot';

/**
 * Settings of the server that a transaction may have for itself. `enable_seqscan: 'off'` is for statements that look rows
 * up by an index whatever the size of the table: a plan that was made for an empty one would go on reading it whole. Where
 * there is no index it makes a statement seem expensive, so `jit: 'off'` belongs to it: compiling would take far longer.
 * `synchronous_commit: 'off'` does not wait for the disk.
 */
export type TransactionSettings = Partial<
  Readonly<Record<'enable_seqscan' | 'jit' | 'synchronous_commit', 'off'>>
>;

const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const NO_LIMITS =
  'SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0';
const BEGIN: Readonly<Record<TransactionKind, string>> = {
  write: 'BEGIN',
  snapshot: SNAPSHOT,
  'long write': `BEGIN; ${NO_LIMITS}`,
  'long snapshot': `${SNAPSHOT}; ${NO_LIMITS}`,
};

/** The statement that begins a transaction. A long one has no time limit. */
export interface TransactionStart {
  readonly statement: string;
  readonly isLong: boolean;
}

/** Returns how a transaction begins. */
export function begin(kind: TransactionKind, settings: TransactionSettings): TransactionStart {
  const local = Object.entries(settings).map(([name, value]) => `; SET LOCAL ${name} = ${value}`);
  return { statement: BEGIN[kind] + local.join(''), isLong: kind.startsWith('long') };
}
