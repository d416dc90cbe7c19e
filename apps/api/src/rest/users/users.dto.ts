import { Validate, ValidatorConstraint } from 'class-validator';
import type { ValidationArguments, ValidatorConstraintInterface } from 'class-validator';
import {
  IDENTITY_MAX_LENGTH,
  ATTRIBUTES_MAX_LENGTH,
  FRIENDLY_NAME_MAX_LENGTH,
  type UserProfile,
} from '#domain';
import { ApiProperty } from '../../platform/openapi/decorators.ts';
import { OptionalRoleSid, OptionalText } from '../../platform/http/parameters/parameters.ts';

@ValidatorConstraint({ name: 'json' })
class JsonText implements ValidatorConstraintInterface {
  /** True for any JSON: Twilio's SDKs also send strings, numbers, booleans and null. Other checks refuse non-strings. */
  validate(value: unknown): boolean {
    if (typeof value !== 'string') return true;
    try {
      JSON.parse(value);
      return true;
    } catch {
      return false;
    }
  }

  defaultMessage({ property }: ValidationArguments): string {
    return `${property} must be a JSON document`;
  }
}

/** What a client may set on a User. `is_online` and `is_notifiable` are read-only: setting them changes nothing. */
export class UserProfileDto {
  @OptionalText(FRIENDLY_NAME_MAX_LENGTH)
  readonly FriendlyName?: string;

  @Validate(JsonText)
  @OptionalText(ATTRIBUTES_MAX_LENGTH, 'A JSON document as text.')
  readonly Attributes?: string;

  @OptionalRoleSid()
  readonly RoleSid?: string;
}

@ValidatorConstraint({ name: 'identity' })
class IdentityText implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && value.length > 0;
  }

  defaultMessage({ property }: ValidationArguments): string {
    return `${property} must be a string of 1 to ${IDENTITY_MAX_LENGTH} characters`;
  }
}

export class CreateUserDto extends UserProfileDto {
  /** The domain checks its characters and its length. */
  @ApiProperty({ type: String, minLength: 1, maxLength: IDENTITY_MAX_LENGTH })
  @Validate(IdentityText)
  readonly Identity!: string;
}

/** The properties of a profile that a request sets. */
export function toProfile(dto: UserProfileDto): Partial<UserProfile> {
  return {
    ...(dto.FriendlyName === undefined ? {} : { friendlyName: dto.FriendlyName }),
    ...(dto.Attributes === undefined ? {} : { attributes: dto.Attributes }),
    ...(dto.RoleSid === undefined ? {} : { roleSid: dto.RoleSid }),
  };
}
