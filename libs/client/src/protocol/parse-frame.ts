import { ReachabilityError } from '../errors.ts';
import { DEFAULT_LIMITS, type FrameLimits } from './client-frames.ts';
import { Fields } from './fields.ts';
import type { IdentifiedAnswer, ServerFrame, UserAnswer } from './server-frames.ts';

/** How long to wait for a pong where the server does not say, in milliseconds. */
const PONG_MS = 5_000;

type Parsers = {
  readonly [Type in ServerFrame['type']]: (fields: Fields) => ServerFrame & { type: Type };
};

const PARSERS: Parsers = {
  ready: (fields) => ({
    type: 'ready',
    connection_sid: fields.text('connection_sid'),
    service_sid: fields.text('service_sid'),
    user_sid: fields.text('user_sid'),
    identity: fields.text('identity'),
    version: fields.text('version'),
    resumed: fields.flag('resumed'),
    reachability_enabled: fields.flag('reachability_enabled'),
    pong_ms: numberOr(PONG_MS, fields, 'pong_ms'),
    limits: fields.optional('limits', (name) => limits(fields.object(name))) ?? DEFAULT_LIMITS,
  }),
  snapshot: (fields) => ({
    type: 'snapshot',
    id: id(fields),
    users: fields.list('users').map((user) => identifiedAnswer(new Fields(user))),
    unknown: fields.texts('unknown'),
    version: fields.text('version'),
    done: fields.flag('done'),
  }),
  change: (fields) => ({
    type: 'change',
    identity: fields.optional('identity', (name) => fields.text(name)),
    ...userAnswer(fields),
  }),
  gone: (fields) => ({ type: 'gone', sid: fields.text('sid'), version: fields.text('version') }),
  service: (fields) => ({
    type: 'service',
    reachability_enabled: fields.flag('reachability_enabled'),
    version: fields.text('version'),
  }),
  unwatched: (fields) => ({ type: 'unwatched', id: fields.number('id') }),
  resync: () => ({ type: 'resync' }),
  user: (fields) => ({ type: 'user', id: fields.number('id'), ...identifiedAnswer(fields) }),
  bound: (fields) => ({ type: 'bound', id: fields.number('id'), sid: fields.text('sid') }),
  unbound: (fields) => ({ type: 'unbound', id: fields.number('id') }),
  token_accepted: (fields) => ({
    type: 'token_accepted',
    id: fields.number('id'),
    expires_at: fields.text('expires_at'),
  }),
  error: (fields) => ({
    type: 'error',
    id: id(fields),
    code: fields.textOrNumber('code'),
    message: fields.text('message'),
    users: fields.optional('users', (name) => fields.texts(name)),
  }),
  token_expiring: (fields) => ({
    type: 'token_expiring',
    expires_in_ms: fields.number('expires_in_ms'),
  }),
  pong: () => ({ type: 'pong' }),
  move: (fields) => ({ type: 'move', reconnect_in_ms: fields.number('reconnect_in_ms') }),
};

/**
 * The frame in a message of the server; null for one of a type that is not known here, which is to be ignored.
 *
 * @throws ReachabilityError `protocol_error` where the message is no frame
 */
export function parseServerFrame(message: string): ServerFrame | null {
  const fields = new Fields(parseJson(message));
  const type = fields.text('type');
  return isKnown(type) ? PARSERS[type](fields) : null;
}

function isKnown(type: string): type is ServerFrame['type'] {
  return Object.hasOwn(PARSERS, type);
}

function parseJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch (cause) {
    throw new ReachabilityError('protocol_error', 'The server sent what is no JSON', { cause });
  }
}

function limits(fields: Fields): FrameLimits {
  return {
    bytes: numberOr(DEFAULT_LIMITS.bytes, fields, 'frame_bytes'),
    users: numberOr(DEFAULT_LIMITS.users, fields, 'users_per_frame'),
  };
}

function numberOr(unsaid: number, fields: Fields, name: string): number {
  return fields.optional(name, () => fields.number(name)) ?? unsaid;
}

function id(fields: Fields): number | null {
  return fields.optional('id', (name) => fields.number(name));
}

function userAnswer(fields: Fields): UserAnswer {
  return {
    sid: fields.text('sid'),
    is_online: fields.flagOrNull('is_online'),
    is_notifiable: fields.flagOrNull('is_notifiable'),
    version: fields.text('version'),
  };
}

function identifiedAnswer(fields: Fields): IdentifiedAnswer {
  return { identity: fields.text('identity'), ...userAnswer(fields) };
}
