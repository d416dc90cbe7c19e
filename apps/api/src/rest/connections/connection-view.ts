import { Inject, Injectable } from '@nestjs/common';
import type { Credentials } from '#shared/composition/credentials';
import { toTwilioDate } from '#twilio-wire/twilio-date';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { CREDENTIALS } from '../../platform/injection-tokens.ts';
import type { ConnectionWithDeadline } from '../../use-cases/connections/deadlines.ts';

/** A Connection in the manner of Twilio's resources. */
@Injectable()
export class ConnectionView {
  readonly #accountSid: string;
  readonly #url: PublicUrl;

  constructor(@Inject(CREDENTIALS) credentials: Credentials, url: PublicUrl) {
    this.#accountSid = credentials.accountSid;
    this.#url = url;
  }

  of({ connection, deadline }: ConnectionWithDeadline) {
    const { sid, serviceSid, userSid, transport, deviceId, ttlSeconds, openedAt } = connection;
    return {
      sid,
      account_sid: this.#accountSid,
      service_sid: serviceSid,
      user_sid: userSid,
      transport,
      device_id: deviceId,
      ttl: deadline?.ttlSeconds ?? ttlSeconds,
      date_created: toTwilioDate(openedAt),
      date_expires:
        deadline === null
          ? null
          : toTwilioDate(new Date(deadline.renewedAt + deadline.ttlSeconds * 1_000).toISOString()),
      url: this.#url.of('Services', serviceSid, 'Users', userSid, 'Connections', sid),
    };
  }
}
