import { RESOLUTIONS, type Resolution as BucketResolution } from '#read-model';
import { OptionalChoice } from '../../platform/http/parameters/parameters.ts';

const NONE = 'none';

export class GetSummaryDto {
  @OptionalChoice(
    [...RESOLUTIONS, NONE],
    'Which points to return: those of the last day by the minute, of 90 days by the hour, or none; both by default.',
  )
  readonly Resolution?: BucketResolution | typeof NONE;
}

/** Returns the kinds of points that a request asks for. */
export function toResolutions({ Resolution }: GetSummaryDto): readonly BucketResolution[] {
  if (Resolution === undefined) return RESOLUTIONS;
  return Resolution === NONE ? [] : [Resolution];
}
