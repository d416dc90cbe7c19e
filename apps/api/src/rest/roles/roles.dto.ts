import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn } from 'class-validator';
import { FRIENDLY_NAME_MAX_LENGTH, ROLE_TYPES, type Role } from '#domain';
import { ApiProperty } from '../../platform/openapi/decorators.ts';
import { EachMatches } from '../../platform/http/parameters/each.ts';
import { Text, toList } from '../../platform/http/parameters/parameters.ts';

const MOST_PERMISSIONS = 100;
const PERMISSION = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

export class UpdateRoleDto {
  /** Any words: Twilio's list of permissions has grown over the years, and here none has an effect. */
  @ApiProperty({
    type: [String],
    minItems: 1,
    maxItems: MOST_PERMISSIONS,
    description: 'Names of permissions.',
  })
  @Transform(toList)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_PERMISSIONS)
  @EachMatches(PERMISSION, 'the name of a permission')
  readonly Permission!: string[];
}

export class CreateRoleDto extends UpdateRoleDto {
  @Text(FRIENDLY_NAME_MAX_LENGTH)
  readonly FriendlyName!: string;

  @ApiProperty({ enum: ROLE_TYPES })
  @IsIn(ROLE_TYPES)
  readonly Type!: Role['type'];
}
