import type { Incarnation } from '../node/node.ts';
import type { BindingType, UserEventData } from './user-events.ts';

/** The part of a User that a client may set. */
export type UserProfile = Pick<
  UserEventData<'UserCreated'>,
  'friendlyName' | 'attributes' | 'roleSid'
>;

interface OpenConnectionState {
  readonly sid: string;
  readonly node: Incarnation | null;
  readonly ttlSeconds: number | null;
}

interface BindingState {
  readonly sid: string;
  readonly bindingType: BindingType;
  readonly address: string;
  readonly endpoint: string;
}

/** It outlives the deletion of the User: a token issued before cannot create the User again. */
interface Revocation {
  /** ISO time of the latest revocation of access tokens. */
  readonly tokensRevokedAt?: string;
}

/**
 * State that commands on a User need. A deleted User is absent again; its stream continues if it is created again.
 * Connections and Bindings are lists, oldest first: copying a list of thousands for one event takes microseconds,
 * copying a record with as many keys takes a hundred times longer.
 */
export type UserState =
  | ({ readonly status: 'absent' } & Revocation)
  | ({
      readonly status: 'active';
      readonly serviceSid: string;
      readonly userSid: string;
      readonly profile: UserProfile;
      readonly connections: readonly OpenConnectionState[];
      readonly bindings: readonly BindingState[];
    } & Revocation);
