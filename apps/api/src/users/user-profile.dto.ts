import { IsJSON, Matches, Validate, ValidatorConstraint } from 'class-validator';
import type { ValidationArguments, ValidatorConstraintInterface } from 'class-validator';
import { IDENTITY_MAX_LENGTH, type UserProfile } from '#domain';
import { Optional, OptionalText } from '../http/parameters.ts';

const LONGEST_NAME = 256;
const LONGEST_ATTRIBUTES = 16_384;

/** What a client may set on a User. `is_online` and `is_notifiable` are not among it: sent, they are ignored. */
export class UserProfileDto {
  @OptionalText(LONGEST_NAME)
  readonly FriendlyName?: string;

  @Optional()
  @IsJSON()
  @OptionalText(LONGEST_ATTRIBUTES)
  readonly Attributes?: string;

  @Optional()
  @Matches(/^RL[0-9a-fA-F]{32}$/, { message: 'RoleSid must be RL and 32 hex digits' })
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
  /** The domain checks which characters and how many of them. */
  @Validate(IdentityText)
  readonly Identity!: string;
}

/** The parts of a profile that a request sets. */
export function toProfile(dto: UserProfileDto): Partial<UserProfile> {
  return {
    ...(dto.FriendlyName === undefined ? {} : { friendlyName: dto.FriendlyName }),
    ...(dto.Attributes === undefined ? {} : { attributes: dto.Attributes }),
    ...(dto.RoleSid === undefined ? {} : { roleSid: dto.RoleSid }),
  };
}
