import type { Incarnation } from '../node/node.ts';
import type { BindingType, UserEventData } from './user-events.ts';

/** What a client may set on a User. */
export type UserProfile = Pick<
  UserEventData<'UserCreated'>,
  'friendlyName' | 'attributes' | 'roleSid'
>;

export interface OpenConnectionState {
  readonly node: Incarnation | null;
  readonly ttlSeconds: number | null;
}

export interface BindingState {
  readonly bindingType: BindingType;
  readonly address: string;
  readonly endpoint: string;
}

/** A User as its commands see it. A deleted one is absent again: its stream goes on if it is made anew. */
export type UserState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'active';
      readonly serviceSid: string;
      readonly userSid: string;
      readonly profile: UserProfile;
      readonly connections: Readonly<Record<string, OpenConnectionState>>;
      readonly bindings: Readonly<Record<string, BindingState>>;
    };
