import { roleSids } from '../sids.ts';

/** A set of permissions in a Service, named as Twilio names them. This product does not enforce them. */
export interface Role {
  readonly sid: string;
  readonly friendlyName: string;
  /** Whether it applies to the whole Service or to a channel. */
  readonly type: 'deployment' | 'channel';
  readonly permissions: readonly string[];
}

/** Returns the default Roles of a Service with the permissions that Twilio's documentation lists. */
export function rolesOf(serviceSid: string): readonly Role[] {
  const sids = roleSids(serviceSid);
  return [
    {
      sid: sids.serviceUser,
      friendlyName: 'service user',
      type: 'deployment',
      permissions: ['createChannel', 'joinChannel', 'editOwnUserInfo'],
    },
    {
      sid: sids.channelUser,
      friendlyName: 'channel user',
      type: 'channel',
      permissions: [
        'sendMessage',
        'sendMediaMessage',
        'leaveChannel',
        'editNotificationLevel',
        'editOwnMemberAttributes',
        'editOwnMessage',
        'editOwnMessageAttributes',
        'deleteOwnMessage',
      ],
    },
    {
      sid: sids.channelAdmin,
      friendlyName: 'channel admin',
      type: 'channel',
      permissions: [
        'sendMessage',
        'sendMediaMessage',
        'leaveChannel',
        'editNotificationLevel',
        'destroyChannel',
        'inviteMember',
        'addMember',
        'removeMember',
        'editChannelName',
        'editChannelAttributes',
        'editAnyMemberAttributes',
        'editAnyMessage',
        'editAnyMessageAttributes',
        'deleteAnyMessage',
      ],
    },
  ];
}
