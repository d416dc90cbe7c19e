import type { Version } from './version.ts';

/** Kinds of push services that a Binding can be of. */
export type PushType = 'apn' | 'fcm' | 'gcm';

/** Frames that are answered, by their `id`. */
export type RequestFrame =
  | { readonly type: 'get'; readonly user: string }
  | {
      readonly type: 'bind';
      readonly binding_type: PushType;
      readonly address: string;
      readonly endpoint?: string;
    }
  | { readonly type: 'unbind'; readonly sid: string }
  | { readonly type: 'token'; readonly token: string };

/** What the client says; see docs/protocol.md. */
export type ClientFrame =
  | (RequestFrame & { readonly id: number })
  | {
      readonly type: 'watch';
      readonly id: number;
      readonly users: readonly string[];
      readonly since?: Version;
    }
  | { readonly type: 'unwatch'; readonly id: number; readonly users: readonly string[] }
  | { readonly type: 'ping' }
  | { readonly type: 'bye' };

/** What a server takes in one frame. */
export interface FrameLimits {
  readonly bytes: number;
  /** Users that it may name. */
  readonly users: number;
}

/** Those of a server that does not say. */
export const DEFAULT_LIMITS: FrameLimits = { bytes: 65_536, users: 1_000 };

/** Bytes of a frame besides the Users in it, at most. */
const BYTES_BESIDE_USERS = 256;

/** Cuts a list of Users, by identity or sid, into as few lists as fit a frame each, in their order. */
export function frameLoads(users: Iterable<string>, limits: FrameLimits): string[][] {
  const loads: string[][] = [];
  let load: string[] = [];
  let bytes = 0;
  for (const user of users) {
    const size = byteLength(JSON.stringify(user)) + 1;
    if (load.length === limits.users || bytes + size > limits.bytes - BYTES_BESIDE_USERS) {
      if (load.length > 0) loads.push(load);
      load = [];
      bytes = 0;
    }
    load.push(user);
    bytes += size;
  }
  if (load.length > 0) loads.push(load);
  return loads;
}

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}
