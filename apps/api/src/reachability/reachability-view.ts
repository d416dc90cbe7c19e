import { Inject, Injectable } from '@nestjs/common';
import type { EventStore } from '#event-store';
import {
  answerFor,
  formatVersion,
  reasonInWords,
  type ServiceRow,
  type UserInService,
} from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { PublicUrl } from '../http/public-url.ts';
import { CREDENTIALS, EVENT_STORE } from '../infrastructure/tokens.ts';
import { stalenessBoundMs } from './staleness-bound.ts';

/** The answer about a User, with what it rests on; and the settings of a Service that bear on it. */
@Injectable()
export class ReachabilityView {
  readonly #accountSid: string;
  readonly #epoch: string;
  readonly #url: PublicUrl;

  constructor(
    @Inject(CREDENTIALS) credentials: Credentials,
    @Inject(EVENT_STORE) { epoch }: EventStore,
    url: PublicUrl,
  ) {
    this.#accountSid = credentials.accountSid;
    this.#epoch = epoch;
    this.#url = url;
  }

  ofUser({ user, service }: UserInService) {
    const answer = answerFor(user, service);
    return {
      sid: user.sid,
      account_sid: this.#accountSid,
      service_sid: service.sid,
      identity: user.identity,
      is_online: answer.isOnline,
      is_notifiable: answer.isNotifiable,
      reason_code: answer.reasonCode,
      reason: reasonInWords(answer),
      since: answer.since,
      last_online: answer.lastOnline,
      open_connections: answer.openConnections,
      version: formatVersion(this.#epoch, answer.position),
      staleness_bound_ms: stalenessBoundMs(service.settings.graceSeconds),
      url: this.#url.of('Services', service.sid, 'Users', user.sid, 'Reachability'),
    };
  }

  ofService({ sid, settings, reachabilityEnabled }: ServiceRow) {
    return {
      account_sid: this.#accountSid,
      service_sid: sid,
      reachability_enabled: reachabilityEnabled,
      grace_seconds: settings.graceSeconds,
      staleness_bound_ms: stalenessBoundMs(settings.graceSeconds),
      url: this.#url.of('Services', sid, 'Reachability'),
    };
  }
}
