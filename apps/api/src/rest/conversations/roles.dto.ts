import { IsIn } from 'class-validator';
import { FRIENDLY_NAME_MAX_LENGTH } from '#domain';
import { CONVERSATIONS_ROLE_TYPES } from '#twilio-wire/conversations/role-json';
import { ApiProperty } from '../../platform/openapi/decorators.ts';
import { Text } from '../../platform/http/parameters/parameters.ts';
import { UpdateRoleDto, type CreateRoleDto } from '../roles/roles.dto.ts';

const TYPES = Object.keys(CONVERSATIONS_ROLE_TYPES);

export class CreateConversationsRoleDto extends UpdateRoleDto {
  @Text(FRIENDLY_NAME_MAX_LENGTH)
  readonly FriendlyName!: string;

  @ApiProperty({ enum: TYPES })
  @IsIn(TYPES)
  readonly Type!: keyof typeof CONVERSATIONS_ROLE_TYPES;
}

/** Returns the parameters with the type in the words of chat, which the log has. */
export function toChatRole({
  FriendlyName,
  Permission,
  Type,
}: CreateConversationsRoleDto): CreateRoleDto {
  return { FriendlyName, Permission, Type: CONVERSATIONS_ROLE_TYPES[Type] };
}
