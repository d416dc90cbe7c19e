import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';
import { ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import {
  Optional,
  OptionalFlag,
  OptionalRoleSid,
} from '../../platform/http/parameters/parameters.ts';

/** A parameter in one form, which the message describes. */
const OptionalPattern =
  (pattern: RegExp, form: string): PropertyDecorator =>
  (target, key) => {
    const message = `${String(key)} must be ${form}`;
    applyDecorators(
      ApiPropertyOptional({ type: String, pattern: pattern.source }),
      Optional(),
      Matches(pattern, { message }),
    )(target, key);
  };

/** An ISO 8601 duration, which is stored and has no effect. The empty string removes it. */
const OptionalTimer = (): PropertyDecorator =>
  OptionalPattern(/^(P(?=.)(\d{1,6}[YMWD]){0,4}(T(\d{1,6}[HMS]){1,3})?)?$/, 'an ISO 8601 duration');

/** Every parameter of the update of the account's Configuration. */
export class UpdateAccountConfigurationDto {
  @OptionalPattern(/^IS[0-9a-fA-F]{32}$/, 'IS and 32 hex digits')
  readonly DefaultChatServiceSid?: string;

  /** The empty string removes it. */
  @OptionalPattern(/^(MG[0-9a-fA-F]{32})?$/, 'MG and 32 hex digits')
  readonly DefaultMessagingServiceSid?: string;

  @OptionalTimer()
  readonly DefaultInactiveTimer?: string;

  @OptionalTimer()
  readonly DefaultClosedTimer?: string;
}

/** Every parameter of the update of a Service's Configuration. */
export class UpdateConfigurationDto {
  @OptionalFlag()
  readonly ReachabilityEnabled?: boolean;

  @OptionalRoleSid()
  readonly DefaultConversationCreatorRoleSid?: string;

  @OptionalRoleSid()
  readonly DefaultConversationRoleSid?: string;

  @OptionalRoleSid()
  readonly DefaultChatServiceRoleSid?: string;
}
