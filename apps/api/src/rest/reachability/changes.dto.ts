import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray } from 'class-validator';
import { IDENTITY_MAX_LENGTH, isTooLongForIdentity, resolveUserSid } from '#domain';
import { ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import type { ChangeFilter } from '../../change-feed/change-filter.ts';
import { Each } from '../../platform/http/parameters/each.ts';
import {
  Optional,
  OptionalChoice,
  OptionalText,
  toList,
} from '../../platform/http/parameters/parameters.ts';

/** Most Users of one feed: as many as a URL has room for. */
const MOST_USERS = 100;
/** More than a version has. */
const LONGEST_VERSION = 128;

function mayBeName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !isTooLongForIdentity(value);
}

/** Filters of a change feed, and where it begins. */
export class FollowChangesDto {
  @OptionalText(
    LONGEST_VERSION,
    'The version after which the feed begins. The header Last-Event-ID takes precedence.',
  )
  readonly Since?: string;

  @ApiPropertyOptional({
    type: [String],
    maxItems: MOST_USERS,
    description: 'Sids or identities; repeat the parameter. All Users by default.',
  })
  @Optional()
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(MOST_USERS, { message: `Users must be given at most ${MOST_USERS} times` })
  @Each(mayBeName, `a sid or an identity of at most ${IDENTITY_MAX_LENGTH} characters`)
  readonly Users?: string[];

  @OptionalChoice(
    ['true', 'false', 'null'],
    'Only changes after which `is_online` has this value. Changes of the Service are sent in any case.',
  )
  readonly IsOnline?: 'true' | 'false' | 'null';
}

const VALUES = { true: true, false: false, null: null } as const;

export function toChangeFilter(
  serviceSid: string,
  { Users, IsOnline }: FollowChangesDto,
): ChangeFilter {
  return {
    users:
      Users === undefined ? null : new Set(Users.map((name) => resolveUserSid(serviceSid, name))),
    isOnline: IsOnline === undefined ? undefined : VALUES[IsOnline],
  };
}
