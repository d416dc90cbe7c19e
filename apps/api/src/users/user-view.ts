import { Inject, Injectable } from '@nestjs/common';
import { roleSids } from '#domain';
import { answerFor, type ServiceRow, type UserInService, type UserSummary } from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { toTwilioDate } from '../http/dates.ts';
import { PublicUrl } from '../http/public-url.ts';
import { CREDENTIALS } from '../infrastructure/tokens.ts';

/** A User as Twilio's wire shows it. */
@Injectable()
export class UserView {
  readonly #accountSid: string;
  readonly #url: PublicUrl;

  constructor(@Inject(CREDENTIALS) credentials: Credentials, url: PublicUrl) {
    this.#accountSid = credentials.accountSid;
    this.#url = url;
  }

  /** With the two facts. */
  of({ user, service }: UserInService) {
    const { isOnline, isNotifiable } = answerFor(user, service);
    return this.#shape(user, service, isOnline, isNotifiable);
  }

  /** As an item of a list, where Twilio always shows both facts as null. */
  listItem({ user, service }: UserInService) {
    return this.#shape(user, service, null, null);
  }

  #shape(
    user: UserSummary,
    service: ServiceRow,
    isOnline: boolean | null,
    isNotifiable: boolean | null,
  ) {
    const url = `${this.#url.origin}/v2/Services/${user.serviceSid}/Users/${user.sid}`;
    return {
      sid: user.sid,
      account_sid: this.#accountSid,
      service_sid: user.serviceSid,
      role_sid:
        user.roleSid ??
        service.settings.defaultServiceRoleSid ??
        roleSids(user.serviceSid).serviceUser,
      identity: user.identity,
      friendly_name: user.friendlyName,
      attributes: user.attributes,
      is_online: isOnline,
      is_notifiable: isNotifiable,
      joined_channels_count: 0,
      date_created: toTwilioDate(user.createdAt),
      date_updated: toTwilioDate(user.updatedAt),
      links: { user_channels: `${url}/Channels`, user_bindings: `${url}/Bindings` },
      url,
    };
  }
}
