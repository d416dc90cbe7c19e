import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsString } from 'class-validator';
import { toList } from '../../platform/http/parameters.ts';

/** Most Users of one question. */
const MOST_USERS = 1_000;
/** An identity of 512 characters takes at most 12 bytes a character, percent-encoded or escaped in JSON. */
const LONGEST_NAME = 512 * 12;
/** What stands around each: the parameter's name, quotes, separators, white space. */
const AROUND = 64;

/** Most bytes of a body: enough for as many of the longest names as may be asked for. */
export const QUERY_BODY_LIMIT = MOST_USERS * (LONGEST_NAME + AROUND);

const HOW_MANY = `User must be given 1 to ${MOST_USERS} times`;

export class QueryReachabilityDto {
  @ApiProperty({
    type: [String],
    minItems: 1,
    maxItems: MOST_USERS,
    description: 'Sids or identities; in a form, the parameter is repeated.',
  })
  @Transform(toList)
  @IsArray({ message: HOW_MANY })
  @ArrayNotEmpty({ message: HOW_MANY })
  @ArrayMaxSize(MOST_USERS, { message: HOW_MANY })
  @IsString({ each: true, message: 'User must be text' })
  readonly User!: string[];
}
