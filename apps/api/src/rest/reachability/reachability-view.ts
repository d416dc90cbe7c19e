import { Inject, Injectable } from '@nestjs/common';
import { isSid, stalenessBoundMs } from '#domain';
import type { EventStore } from '#event-store';
import {
  answerFor,
  formatVersion,
  reasonInWords,
  type HistoryInterval,
  type PastUser,
  type ReachabilityAnswer,
  type ServiceRow,
  type UserInService,
  type UserSummary,
} from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { CREDENTIALS, EVENT_STORE } from '../../platform/injection-tokens.ts';

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
    return this.#answer(user, answerFor(user, service), service.settings);
  }

  /** As of a moment of the past. */
  ofPast({ user, service, lastSeenAt }: PastUser, asOf: string) {
    const answer = this.#answer(user, answerFor(user, service), service);
    return { ...answer, as_of: asOf, last_seen: lastSeenAt };
  }

  /** One of many Users that were asked for at once. */
  ofOneOfMany({ user, service }: UserInService) {
    const answer = answerFor(user, service);
    return {
      sid: user.sid,
      identity: user.identity,
      is_online: answer.isOnline,
      is_notifiable: answer.isNotifiable,
      reason_code: answer.reasonCode,
      since: answer.since,
      last_online: answer.lastOnline,
      open_connections: answer.openConnections,
      version: formatVersion(this.#epoch, answer.position),
    };
  }

  ofInterval({ from, until, value, position, cause }: HistoryInterval) {
    return {
      from,
      until,
      is_online: value.isOnline,
      is_notifiable: value.isNotifiable,
      reason_code: value.reasonCode,
      cause: cause.closeCause,
      version: formatVersion(this.#epoch, position),
      event: {
        type: cause.type,
        position,
        actor: cause.actor,
        connection_sid: isSid('CN', cause.subjectSid ?? '') ? cause.subjectSid : null,
        binding_sid: isSid('BS', cause.subjectSid ?? '') ? cause.subjectSid : null,
        device_id: cause.deviceId,
        last_seen: cause.lastSeenAt,
      },
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

  #answer(
    { sid, serviceSid, identity }: Pick<UserSummary, 'sid' | 'serviceSid' | 'identity'>,
    answer: ReachabilityAnswer,
    { graceSeconds }: { readonly graceSeconds: number },
  ) {
    return {
      sid,
      account_sid: this.#accountSid,
      service_sid: serviceSid,
      identity,
      is_online: answer.isOnline,
      is_notifiable: answer.isNotifiable,
      reason_code: answer.reasonCode,
      reason: reasonInWords(answer),
      since: answer.since,
      last_online: answer.lastOnline,
      open_connections: answer.openConnections,
      version: formatVersion(this.#epoch, answer.position),
      staleness_bound_ms: stalenessBoundMs(graceSeconds),
      url: this.#url.of('Services', serviceSid, 'Users', sid, 'Reachability'),
    };
  }
}
