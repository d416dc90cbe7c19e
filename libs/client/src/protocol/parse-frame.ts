import { ReachabilityError } from '../errors.ts';
import { DEFAULT_LIMITS, type FrameLimits } from './client-frames.ts';
import { Fields } from './fields.ts';
import type { IdentifiedUserState, ServerFrame, UserState } from './server-frames.ts';
import type { Version } from './version.ts';

/** Default of `pong_ms`: time limit for a pong, in milliseconds. */
const PONG_MS = 5_000;

type Parsers = {
  readonly [Type in ServerFrame['type']]: (fields: Fields) => ServerFrame & { type: Type };
};

const PARSERS: Parsers = {
  ready: (fields) => ({
    type: 'ready',
    connection_sid: fields.string('connection_sid'),
    service_sid: fields.string('service_sid'),
    user_sid: fields.string('user_sid'),
    identity: fields.string('identity'),
    version: fields.string('version'),
    resumed: fields.boolean('resumed'),
    reachability_enabled: fields.boolean('reachability_enabled'),
    pong_ms: numberOr(PONG_MS, fields, 'pong_ms'),
    limits: fields.optional('limits', (name) => limits(fields.object(name))) ?? DEFAULT_LIMITS,
  }),
  snapshot: (fields) => ({
    type: 'snapshot',
    id: id(fields),
    users: fields.list('users').map((user) => identifiedUserState(new Fields(user))),
    unknown: fields.strings('unknown'),
    version: fields.string('version'),
    done: fields.boolean('done'),
  }),
  change: (fields) => ({
    type: 'change',
    identity: fields.optional('identity', (name) => fields.string(name)),
    ...userState(fields),
  }),
  gone: (fields) => ({
    type: 'gone',
    sid: fields.string('sid'),
    version: fields.string('version'),
  }),
  service: (fields) => ({
    type: 'service',
    reachability_enabled: fields.boolean('reachability_enabled'),
    version: fields.string('version'),
  }),
  unwatched: (fields) => ({ type: 'unwatched', id: fields.number('id') }),
  resync: () => ({ type: 'resync' }),
  user: (fields) => ({ type: 'user', id: fields.number('id'), ...identifiedUserState(fields) }),
  bound: (fields) => ({
    type: 'bound',
    id: fields.number('id'),
    sid: fields.string('sid'),
    version: optionalVersion(fields),
  }),
  unbound: (fields) => ({
    type: 'unbound',
    id: fields.number('id'),
    version: optionalVersion(fields),
  }),
  token_accepted: (fields) => ({
    type: 'token_accepted',
    id: fields.number('id'),
    expires_at: fields.string('expires_at'),
  }),
  error: (fields) => ({
    type: 'error',
    id: id(fields),
    code: fields.stringOrNumber('code'),
    message: fields.string('message'),
    users: fields.optional('users', (name) => fields.strings(name)),
    retry_after_ms: fields.optional('retry_after_ms', (name) => fields.number(name)),
  }),
  token_expiring: (fields) => ({
    type: 'token_expiring',
    expires_in_ms: fields.number('expires_in_ms'),
  }),
  pong: () => ({ type: 'pong' }),
  move: (fields) => ({ type: 'move', reconnect_in_ms: fields.number('reconnect_in_ms') }),
};

/**
 * Returns the frame in a message of the server; null for an unknown type, which callers ignore.
 *
 * @throws ReachabilityError `protocol_error` if the message is not a frame
 */
export function parseServerFrame(message: string): ServerFrame | null {
  const fields = new Fields(parseJson(message));
  const type = fields.string('type');
  return isKnown(type) ? PARSERS[type](fields) : null;
}

function isKnown(type: string): type is ServerFrame['type'] {
  return Object.hasOwn(PARSERS, type);
}

function parseJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch (cause) {
    throw new ReachabilityError('protocol_error', 'The server sent invalid JSON', { cause });
  }
}

function limits(fields: Fields): FrameLimits {
  return {
    bytes: numberOr(DEFAULT_LIMITS.bytes, fields, 'frame_bytes'),
    users: numberOr(DEFAULT_LIMITS.users, fields, 'users_per_frame'),
  };
}

function numberOr(fallback: number, fields: Fields, name: string): number {
  return fields.optional(name, () => fields.number(name)) ?? fallback;
}

function optionalVersion(fields: Fields): Version | null {
  return fields.optional('version', (name) => fields.string(name));
}

function id(fields: Fields): number | null {
  return fields.optional('id', (name) => fields.number(name));
}

function userState(fields: Fields): UserState {
  return {
    sid: fields.string('sid'),
    is_online: fields.booleanOrNull('is_online'),
    is_notifiable: fields.booleanOrNull('is_notifiable'),
    version: fields.string('version'),
  };
}

function identifiedUserState(fields: Fields): IdentifiedUserState {
  return { identity: fields.string('identity'), ...userState(fields) };
}
