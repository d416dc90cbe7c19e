import type { Version } from './version.ts';

/** Push service of a Binding. */
export type PushType = 'apn' | 'fcm' | 'gcm';

/** Frames that the server answers with the same `id`. */
export type RequestFrame =
  | { readonly type: 'get'; readonly user: string; readonly version?: Version }
  | {
      readonly type: 'bind';
      readonly binding_type: PushType;
      readonly address: string;
      readonly endpoint?: string;
    }
  | { readonly type: 'unbind'; readonly sid: string }
  | { readonly type: 'token'; readonly token: string };

/** The first frame of a socket. It resumes the Connection if it names one. */
export interface AuthFrame {
  readonly type: 'auth';
  readonly token: string;
  readonly device_id?: string;
  readonly resume?: string;
  readonly since?: Version;
}

/** Frames that the client sends once it is connected; see docs/protocol.md. */
export type ClientFrame =
  | (RequestFrame & { readonly id: number })
  | {
      readonly type: 'watch';
      readonly id: number;
      readonly users: readonly string[];
      readonly since?: Version;
      readonly version?: Version;
    }
  | { readonly type: 'unwatch'; readonly id: number; readonly users: readonly string[] }
  | { readonly type: 'ping' }
  | { readonly type: 'bye' };

/** Limits of one frame, set by the server. */
export interface FrameLimits {
  readonly bytes: number;
  /** Number of Users in a frame. */
  readonly users: number;
}

/** Limits of a server that does not send any. */
export const DEFAULT_LIMITS: FrameLimits = { bytes: 65_536, users: 1_000 };

/** Upper bound for the bytes of a frame besides its Users. */
const BYTES_BESIDE_USERS = 384;

/** Splits Users (identities or sids) into the fewest lists that each fit a frame. Keeps their order. */
export function splitIntoFrames(users: Iterable<string>, limits: FrameLimits): string[][] {
  const frames: string[][] = [];
  let frame: string[] = [];
  let bytes = 0;
  for (const user of users) {
    const size = byteLength(JSON.stringify(user)) + 1;
    if (frame.length === limits.users || bytes + size > limits.bytes - BYTES_BESIDE_USERS) {
      if (frame.length > 0) frames.push(frame);
      frame = [];
      bytes = 0;
    }
    frame.push(user);
    bytes += size;
  }
  if (frame.length > 0) frames.push(frame);
  return frames;
}

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}
