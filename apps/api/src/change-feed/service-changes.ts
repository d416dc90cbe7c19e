import { latest, type Position } from '#event-store';
import type { ChangesPage, TimelineReadModel } from '#read-model';
import type { PublishedPositions } from '#shared/use-cases/published-positions';
import { FeedChange } from './feed-change.ts';

/** A page of changes, ready to be sent. */
export interface FeedPage extends Omit<ChangesPage, 'changes'> {
  readonly changes: readonly FeedChange[];
}

/** Changes of one page: enough that a page costs little beside them, few enough to read them in about a millisecond. */
const PAGE_SIZE = 256;

/** Reads the changes of one Service from the timeline. */
export class ServiceChanges {
  readonly serviceSid: string;
  readonly epoch: string;
  readonly #timeline: Pick<TimelineReadModel, 'changes'>;
  readonly #published: Pick<PublishedPositions, 'record'>;

  constructor(
    serviceSid: string,
    epoch: string,
    timeline: Pick<TimelineReadModel, 'changes'>,
    published: Pick<PublishedPositions, 'record'>,
  ) {
    this.serviceSid = serviceSid;
    this.epoch = epoch;
    this.#timeline = timeline;
    this.#published = published;
  }

  /** Reads the changes after a position. From then on, no read of this process is older than they are. */
  async readAfter(position: Position | null): Promise<FeedPage> {
    const { serviceSid, epoch } = this;
    const page = await this.#timeline.changes(serviceSid, position, PAGE_SIZE);
    const changes = page.changes.map((change) => {
      const user = change.kind === 'user' ? { userSid: change.sid } : {};
      this.#published.record(change.position, { serviceSid, ...user });
      return new FeedChange(change, serviceSid, epoch);
    });
    return { ...page, changes, position: latest(position, page.position) };
  }
}
