import { roleSids } from '../sids.ts';

/** A set of permissions in a Service. They are named, as Twilio names them, and enforced by nobody here. */
export interface Role {
  readonly sid: string;
  readonly friendlyName: string;
  /** What it is a role in: the Service as a whole, or a channel. */
  readonly type: 'deployment' | 'channel';
  readonly permissions: readonly string[];
}

/** The Roles that a Service is born with, with the permissions that Twilio's documentation lists as theirs. */
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
