/**
 * `snapshot` only reads, and sees one state of the database in all its statements. `write` writes. The long ones are for
 * maintenance, never for a request: their statements have no time limit. A transaction that writes holds locks, so the
 * time between its statements is always limited: its process may be stopped.
 */
export type TransactionKind = 'write' | 'snapshot' | 'long write' | 'long snapshot';

/**
 * Settings of the server that a transaction may have for itself. `enable_seqscan: 'off'` is for statements that look rows
 * up by an index whatever the size of the table: a plan that was made for an empty one would go on reading it whole. Where
 * there is no index it makes a statement seem expensive, so `jit: 'off'` belongs to it: compiling would take far longer.
 * `plan_cache_mode` plans each statement for its own values, where a plan for any value would be a bad one.
 */
export interface TransactionSettings {
  readonly enable_seqscan?: 'off';
  readonly jit?: 'off';
  readonly plan_cache_mode?: 'force_custom_plan';
}

const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const limits = (statement: string, idle: string): string =>
  `SET LOCAL statement_timeout = '${statement}'; SET LOCAL idle_in_transaction_session_timeout = '${idle}'`;
const BEGIN: Readonly<Record<TransactionKind, string>> = {
  write: 'BEGIN',
  snapshot: SNAPSHOT,
  'long write': `BEGIN; ${limits('0', '60s')}`,
  'long snapshot': `${SNAPSHOT}; ${limits('0', '0')}`,
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
