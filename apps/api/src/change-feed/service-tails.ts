import { Inject, Injectable } from '@nestjs/common';
import type { EventStore } from '#event-store';
import type { TimelineReadModel } from '#read-model';
import { PublishedPositions } from '#shared/use-cases/published-positions';
import { EVENT_STORE, TIMELINE_READ_MODEL } from '../platform/injection-tokens.ts';
import type { WakeSignal } from '../platform/wake-signal.ts';
import { LogFeed } from '../realtime/watching/log-feed.ts';
import { TimelineProgress } from '../use-cases/timeline-progress.ts';
import { ServiceChanges } from './service-changes.ts';
import { ServiceTail } from './service-tail.ts';

/** A Service that feeds follow. */
export interface FollowedService {
  readonly changes: ServiceChanges;
  readonly tail: ServiceTail;
}

/** The tails of those Services that feeds of this process follow, by sid. */
@Injectable()
export class ServiceTails {
  readonly #followed = new Map<string, FollowedService>();

  constructor(
    private readonly log: LogFeed,
    private readonly progress: TimelineProgress,
    private readonly published: PublishedPositions,
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'epoch'>,
    @Inject(TIMELINE_READ_MODEL)
    private readonly timeline: Pick<TimelineReadModel, 'changes' | 'checkpoint'>,
  ) {
    log.onEvent(({ event: { data }, position }) => {
      if ('serviceSid' in data) this.#followed.get(data.serviceSid)?.tail.advanceTo(position);
    });
  }

  /**
   * Wakes a follower at each move of a Service's tail, until {@link leave}.
   *
   * @throws DatabaseUnavailableError when the timeline cannot be read
   */
  async join(serviceSid: string, follower: WakeSignal): Promise<FollowedService> {
    const { position, lastEvent, generation } = await this.timeline.checkpoint();
    const followed =
      this.#followed.get(serviceSid) ??
      this.#add(serviceSid, {
        position: lastEvent?.position ?? position,
        generation,
      });
    followed.tail.addFollower(follower);
    return followed;
  }

  leave({ changes, tail }: FollowedService, follower: WakeSignal): void {
    tail.removeFollower(follower);
    if (!tail.isUnused) return;
    tail.stop();
    this.#followed.delete(changes.serviceSid);
  }

  #add(serviceSid: string, from: ConstructorParameters<typeof ServiceTail>[2]): FollowedService {
    const changes = new ServiceChanges(serviceSid, this.store.epoch, this.timeline, this.published);
    const followed = { changes, tail: new ServiceTail(changes, this.progress, from) };
    this.#followed.set(serviceSid, followed);
    // The log has been followed up to here: what is after the checkpoint may be of this Service.
    followed.tail.advanceTo(this.log.position);
    return followed;
  }
}
