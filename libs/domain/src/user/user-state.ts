import type { Incarnation } from '../node/node.ts';
import type { BindingType, UserEventData } from './user-events.ts';

/** What a client may set on a User. */
export type UserProfile = Pick<
  UserEventData<'UserCreated'>,
  'friendlyName' | 'attributes' | 'roleSid'
>;

export interface OpenConnectionState {
  readonly sid: string;
  readonly node: Incarnation | null;
  readonly ttlSeconds: number | null;
}

export interface BindingState {
  readonly sid: string;
  readonly bindingType: BindingType;
  readonly address: string;
  readonly endpoint: string;
}

/**
 * A User as its commands see it. A deleted one is absent again: its stream goes on if it is made anew.
 * Connections and Bindings are lists, oldest first: copying a list of thousands for one event costs microseconds,
 * copying a record of as many keys costs a hundred times that.
 */
export type UserState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'active';
      readonly serviceSid: string;
      readonly userSid: string;
      readonly profile: UserProfile;
      readonly connections: readonly OpenConnectionState[];
      readonly bindings: readonly BindingState[];
    };
