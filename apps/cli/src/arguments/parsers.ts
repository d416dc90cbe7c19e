import { InvalidArgumentError } from 'commander';
import {
  FRIENDLY_NAME_MAX_LENGTH,
  IDENTITY_MAX_LENGTH,
  isSid,
  isTooLongForIdentity,
  reachabilityRegistry,
} from '#domain';
import type { UserOrder } from '#read-model';
import { parseInstant } from '#shared/time/instant';
import { USER_ORDERS } from '#twilio-wire/user-orders';

/** Parses a Service sid. @throws InvalidArgumentError */
export function serviceSid(value: string): string {
  if (!isSid('IS', value)) throw new InvalidArgumentError('Must be IS and 32 hex digits.');
  return value;
}

/** Parses the sid of an API key. @throws InvalidArgumentError */
export function apiKeySid(value: string): string {
  if (!isSid('SK', value)) throw new InvalidArgumentError('Must be SK and 32 hex digits.');
  return value;
}

/** Parses the friendly name of something to create. @throws InvalidArgumentError */
export function friendlyName(value: string): string {
  if (value.trim() !== '' && value.length <= FRIENDLY_NAME_MAX_LENGTH) return value;
  throw new InvalidArgumentError(`Must be 1 to ${FRIENDLY_NAME_MAX_LENGTH} characters.`);
}

/** Parses an ISO 8601 time; returns it in UTC with milliseconds. @throws InvalidArgumentError */
export function instant(value: string): string {
  const time = parseInstant(value);
  if (time !== null) return time;
  throw new InvalidArgumentError(
    'Must be an ISO 8601 time with its zone, such as 2026-11-22T14:02:00Z.',
  );
}

/** A bound of a window of the log: a time, or a position, whose leading zeros may be left out. */
export type LogBound =
  | { readonly kind: 'time'; readonly time: string }
  | { readonly kind: 'position'; readonly position: string };

/** Parses a time or a position. @throws InvalidArgumentError */
export function logBound(value: string): LogBound {
  if (/^\d+$/.test(value)) return { kind: 'position', position: value };
  const time = parseInstant(value);
  if (time !== null) return { kind: 'time', time };
  throw new InvalidArgumentError(
    'Must be a position of the log, or an ISO 8601 time with its zone, such as 2026-11-22T14:02:00Z.',
  );
}

/** Parses a whole number from 1 on. @throws InvalidArgumentError */
export function positiveInteger(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Must be a whole number from 1 on.');
}

/** Parses an event type; returns it after those given before. @throws InvalidArgumentError */
export function eventTypes(value: string, before: readonly string[] = []): readonly string[] {
  const { types } = reachabilityRegistry;
  if (!types.includes(value)) {
    throw new InvalidArgumentError(`Must be one of ${types.join(', ')}.`);
  }
  return [...before, value];
}

/** Parses a grace period in whole seconds. @throws InvalidArgumentError */
export function graceSeconds(value: string): number {
  if (/^\d{1,2}$/.test(value) && Number(value) <= 60) return Number(value);
  throw new InvalidArgumentError('Must be a whole number from 0 to 60.');
}

/** Parses an answer about a User, which may be null. @throws InvalidArgumentError */
export function answer(value: string): boolean | null {
  const found = ([true, false, null] as const).find((known) => String(known) === value);
  if (found === undefined) throw new InvalidArgumentError('Must be true, false or null.');
  return found;
}

/** Parses the beginning of an identity. @throws InvalidArgumentError */
export function identityPrefix(value: string): string {
  if (value !== '' && !isTooLongForIdentity(value)) return value;
  throw new InvalidArgumentError(`Must be 1 to ${IDENTITY_MAX_LENGTH} characters.`);
}

/** Parses the order of a list of Users. @throws InvalidArgumentError */
export function userOrder(value: string): UserOrder {
  const order = Object.entries(USER_ORDERS).find(([name]) => name === value)?.[1];
  if (order !== undefined) return order;
  throw new InvalidArgumentError(`Must be one of ${Object.keys(USER_ORDERS).join(', ')}.`);
}
