import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { EventStore } from '#event-store';
import type { Resolution, SummaryReadModel } from '#read-model';
import { readServiceSummary, type ServiceSummary } from '#shared/use-cases/summaries';
import { waitUntilVisible } from '#shared/use-cases/written';
import {
  CLOCK,
  EVENT_STORE,
  SUMMARY_READ_MODEL,
  type Clock,
} from '../../platform/injection-tokens.ts';
import { SummaryProgress } from '../summary-progress.ts';
import type { TimelineAnswer } from './timeline-reader.ts';

/** The numbers of a Service's Users; nothing is found where there is no such Service. */
export class GetServiceSummary extends Query<TimelineAnswer<ServiceSummary>> {
  constructor(
    readonly serviceSid: string,
    readonly resolutions: readonly Resolution[],
  ) {
    super();
  }
}

/** Reads once the summaries hold all events that are in the log at the time of the request, or after a time-out. */
@QueryHandler(GetServiceSummary)
export class GetServiceSummaryHandler implements IQueryHandler<GetServiceSummary> {
  constructor(
    @Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'head'>,
    @Inject(SUMMARY_READ_MODEL) private readonly summaries: SummaryReadModel,
    private readonly progress: SummaryProgress,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute(query: GetServiceSummary): Promise<TimelineAnswer<ServiceSummary>> {
    const position = await this.events.head();
    const isBehind = !(await waitUntilVisible(this.progress, { position }));
    const { serviceSid, resolutions } = query;
    const now = this.clock().toISOString();
    const found = await readServiceSummary(this.summaries, serviceSid, resolutions, now);
    return { found, isBehind };
  }
}
