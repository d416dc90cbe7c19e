import { IsIn, Matches } from 'class-validator';
import { JOB_KINDS, JOB_STATUSES, type JobKind, type JobStatus } from '#operational-state';
import { ApiProperty, ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import {
  Optional,
  OptionalCount,
  OptionalFlag,
} from '../../platform/http/parameters/parameters.ts';

/** A stream and a revision in it. */
const EVENT = /^[\w-]{1,100}@\d{1,15}$/;

export class CreateJobDto {
  @ApiProperty({
    enum: JOB_KINDS,
    description:
      '`rebuild` makes a new version from the log and then makes it live. `verify` compares the live version with a rebuild. `switch` makes a kept version live, `drop` deletes one. `retry` folds the dead letters, `skip` passes over one of them for good.',
  })
  @IsIn(JOB_KINDS, { message: `Kind must be one of ${JOB_KINDS.join(', ')}` })
  readonly Kind!: JobKind;

  @OptionalCount(
    1,
    2_147_483_647,
    'Of `switch` (by default the latest that was kept) and of `drop`.',
  )
  readonly Version?: number;

  @OptionalFlag('Of `rebuild`: start over instead of continuing an interrupted one.')
  readonly Restart?: boolean;

  @ApiPropertyOptional({
    type: String,
    pattern: EVENT.source,
    description: 'Of `skip`: `<stream>@<revision>`, as the list of dead letters shows it.',
  })
  @Optional()
  @Matches(EVENT, { message: 'Event must be <stream>@<revision>' })
  readonly Event?: string;
}

export class CancelJobDto {
  @ApiProperty({ enum: ['cancelled'] })
  @IsIn(['cancelled'], { message: 'Status must be cancelled' })
  readonly Status!: 'cancelled';
}

/** Filters of the list of jobs. */
export class ListJobsDto extends PageQuery {
  @ApiPropertyOptional({ enum: JOB_KINDS })
  @Optional()
  @IsIn(JOB_KINDS, { message: `Kind must be one of ${JOB_KINDS.join(', ')}` })
  readonly Kind?: JobKind;

  @ApiPropertyOptional({ enum: JOB_STATUSES })
  @Optional()
  @IsIn(JOB_STATUSES, { message: `Status must be one of ${JOB_STATUSES.join(', ')}` })
  readonly Status?: JobStatus;
}
