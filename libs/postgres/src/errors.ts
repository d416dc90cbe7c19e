/** The database cannot be reached, or does not answer in time. A write may still have an effect. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly code = 'DATABASE.UNAVAILABLE';
}

/** The database has not the schema that this program needs. */
export class DatabaseSchemaError extends Error {
  override readonly name = 'DatabaseSchemaError';
  readonly code = 'DATABASE.SCHEMA';
}

/** The role of this connection lacks a privilege. */
export class DatabasePermissionError extends Error {
  override readonly name = 'DatabasePermissionError';
  readonly code = 'DATABASE.PERMISSION';
}

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Conditions of the server that pass by themselves or by an operator's hand, whatever the statement: classes 08
 * (connection), 53 (resources, such as a full disk), 57 (operator's intervention, also a statement's time limit) and 58
 * (system), and single codes: a lock's time limit, a server that only reads, transactions that conflict.
 *
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const PASSING_STATE = /^(08|53|57|58)|^(55P03|25006|40001|40P01)$/;

/** Codes of Node for a connection that could not be made or broke. */
const BROKEN_CONNECTION =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH)$/;

/** What `pg` says without a code when a connection is gone or a time limit of its own has passed. */
const BROKEN_CONNECTION_TEXT =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|query read timeout|not queryable|client was closed/i;

/**
 * Returns the error of a statement as a {@link DatabaseUnavailableError} if it is no fault of the statement, and as a
 * {@link DatabasePermissionError} if the role may not run it; else as it is.
 */
export function toDatabaseError(error: unknown): unknown {
  if (error instanceof DatabaseUnavailableError) return error;
  const code = textOf(error, 'code');
  const message = textOf(error, 'message');
  if (code === INSUFFICIENT_PRIVILEGE) {
    return new DatabasePermissionError(`PostgreSQL refuses its role: ${message}`, { cause: error });
  }
  const passes =
    PASSING_STATE.test(code) ||
    BROKEN_CONNECTION.test(code) ||
    BROKEN_CONNECTION_TEXT.test(message);
  return passes ? toConnectionError(error) : error;
}

/** Returns the error of a connection that could not be made, for whatever reason: an operator may remove it. */
export function toConnectionError(error: unknown): DatabaseUnavailableError {
  const message = textOf(error, 'message');
  const reason = message === '' ? textOf(error, 'code') : message;
  return new DatabaseUnavailableError(`PostgreSQL is not available: ${reason}`, { cause: error });
}

function textOf(error: unknown, field: 'code' | 'message'): string {
  if (typeof error !== 'object' || error === null || !(field in error)) return '';
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : '';
}
