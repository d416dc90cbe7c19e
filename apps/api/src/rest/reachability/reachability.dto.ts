import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray } from 'class-validator';
import { IDENTITY_MAX_LENGTH, isTooLongForIdentity } from '#domain';
import { ApiProperty } from '../../platform/openapi/decorators.ts';
import { Each } from '../../platform/http/parameters/each.ts';
import { WATCH_POLICIES, type WatchPolicy } from '#domain';
import { OptionalInstant } from '../../platform/http/parameters/instants.ts';
import {
  OptionalChoice,
  OptionalCount,
  toList,
} from '../../platform/http/parameters/parameters.ts';

/** Most Users of one query. */
const MOST_USERS = 1_000;
/** An identity of 512 characters takes at most 12 bytes a character, percent-encoded or escaped in JSON. */
const LONGEST_NAME = 512 * 12;
/** Bytes around each name: the parameter's name, quotes, separators, white space. */
const AROUND = 64;

/** Most bytes of a query's body: enough for the most Users with the longest names. */
export const QUERY_BODY_LIMIT = MOST_USERS * (LONGEST_NAME + AROUND);

const HOW_MANY = `User must be given 1 to ${MOST_USERS} times`;
export class GetReachabilityDto {
  @OptionalInstant(
    'Answers for this moment of the past; a moment up to one minute ahead means now.',
  )
  readonly AsOf?: string;
}

/** Longer names belong to no User, and the answer would repeat megabytes of them as unknown. */
function mayBeName(value: unknown): boolean {
  return typeof value === 'string' && !isTooLongForIdentity(value);
}

export class QueryReachabilityDto {
  @ApiProperty({
    type: [String],
    minItems: 1,
    maxItems: MOST_USERS,
    description: 'Sids or identities; a form repeats the parameter.',
  })
  @Transform(toList)
  @IsArray({ message: HOW_MANY })
  @ArrayNotEmpty({ message: HOW_MANY })
  @ArrayMaxSize(MOST_USERS, { message: HOW_MANY })
  @Each(mayBeName, `a sid or an identity of at most ${IDENTITY_MAX_LENGTH} characters`)
  readonly User!: string[];
}

export class UpdateServiceReachabilityDto {
  @OptionalCount(0, 60, 'Seconds within which a session that lost its socket may resume.')
  readonly GraceSeconds?: number;

  @OptionalChoice(
    WATCH_POLICIES,
    'Whom clients may watch: all Users of the Service, or those that their access token grants.',
  )
  readonly WatchPolicy?: WatchPolicy;
}
