import { Inject, Injectable } from '@nestjs/common';
import { isSid, stalenessBoundMs } from '#domain';
import type { EventStore } from '#event-store';
import {
  answerFor,
  formatVersion,
  type HistoryInterval,
  type PastUser,
  type ReachabilityAnswer,
  type ServiceRow,
  type UserInService,
  type UserSummary,
  type UserWithoutProfile,
} from '#read-model';
import { StoreMonitor } from '../../platform/health/store-monitor.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { EVENT_STORE } from '../../platform/injection-tokens.ts';
import { answerJson } from '#twilio-wire/answer-json';
import { evidenceJson } from '#twilio-wire/event-json';
import { reachabilityJson } from '#twilio-wire/reachability-json';
import { serviceReachabilityJson } from '#twilio-wire/service-reachability-json';
import type { ExplainedUser } from '../../use-cases/reachability/explain-reachability.ts';
import type { FoundUsers } from '../../use-cases/reachability/query-reachability.ts';

interface Graced {
  readonly graceSeconds: number;
}

/** What a client reads about the reachability of Users and Services. */
@Injectable()
export class ReachabilityView {
  constructor(
    @Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'epoch'>,
    private readonly address: PublicAddress,
    @Inject(StoreMonitor) private readonly outages: Pick<StoreMonitor, 'staleSince'>,
  ) {}

  ofUser({ user, service }: UserInService) {
    return this.#answer(user, answerFor(user, service), service.settings);
  }

  /** A User as it was at a moment of the past. */
  ofPast({ user, service, lastSeenAt }: PastUser, asOf: string) {
    const answer = this.#answer(user, answerFor(user, service), service);
    return { ...answer, as_of: asOf, last_seen: lastSeenAt };
  }

  /** The answer of a moment, and the events that led to it. */
  ofExplanation({ past: { user, service }, evidence }: ExplainedUser, asOf: string | null) {
    const { url, ...answer } = this.#answer(user, answerFor(user, service), service);
    return {
      ...answer,
      as_of: asOf,
      bindings: user.bindingCount,
      events: evidenceJson(evidence),
      url: `${url}/Explanation`,
    };
  }

  /** Many Users of a Service, all as they are at one moment. */
  ofUsers({ service, users, unknown }: FoundUsers) {
    return {
      service_sid: service.sid,
      users: users.map((user) => this.#item(user, service)),
      unknown,
      staleness_bound_ms: this.#stalenessBoundMs(service.settings),
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
      version: formatVersion(this.events.epoch, position),
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

  ofService(service: ServiceRow) {
    const json = serviceReachabilityJson(service, this.address);
    return { ...json, staleness_bound_ms: this.#stalenessBoundMs(service.settings) };
  }

  #item(user: UserWithoutProfile, service: ServiceRow) {
    const answer = answerJson(answerFor(user, service), this.events.epoch);
    return { sid: user.sid, identity: user.identity, ...answer };
  }

  /** Null during an outage, which no bound covers. */
  #stalenessBoundMs({ graceSeconds }: Graced): number | null {
    return this.outages.staleSince === null ? stalenessBoundMs(graceSeconds) : null;
  }

  #answer(
    user: Pick<UserSummary, 'sid' | 'serviceSid' | 'identity'>,
    answer: ReachabilityAnswer,
    service: Graced,
  ) {
    const { accountSid, origin } = this.address;
    const context = { accountSid, origin, epoch: this.events.epoch };
    const json = reachabilityJson(user, answer, service, context);
    return { ...json, staleness_bound_ms: this.#stalenessBoundMs(service) };
  }
}
