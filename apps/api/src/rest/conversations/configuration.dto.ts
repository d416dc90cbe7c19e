import { OptionalFlag, OptionalRoleSid } from '../../platform/http/parameters/parameters.ts';

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
