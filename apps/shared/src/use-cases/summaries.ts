import {
  pointsUntil,
  presentCounts,
  type Resolution,
  type ServiceRow,
  type SummaryCounts,
  type SummaryPoint,
  type SummaryReadModel,
} from '#read-model';

/** The numbers of a Service's Users, now and over time, as of one position of the log. */
export interface ServiceSummary {
  readonly service: ServiceRow;
  readonly position: string;
  readonly present: SummaryCounts;
  /** Points of the resolutions that were asked for. */
  readonly points: ReadonlyMap<Resolution, readonly SummaryPoint[]>;
}

/**
 * Returns the summary of a Service; null where there is no such Service.
 *
 * @param now present time, ISO 8601
 */
export async function readServiceSummary(
  summaries: SummaryReadModel,
  serviceSid: string,
  resolutions: readonly Resolution[],
  now: string,
): Promise<ServiceSummary | null> {
  const stored = await summaries.summary(serviceSid, resolutions);
  if (stored === null) return null;
  const { service, checkpoint } = stored;
  return {
    service,
    position: checkpoint.position ?? service.createdPosition,
    present: presentCounts(stored),
    points: new Map(resolutions.map((kind) => [kind, pointsUntil(stored, kind, now)])),
  };
}
