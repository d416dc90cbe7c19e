import type { BindingOfUser } from '#read-model';
import { toTwilioDate } from './twilio-date.ts';

/** Returns the properties of a Binding that every API version names in the same way. */
export function bindingProperties(binding: BindingOfUser) {
  return {
    date_created: toTwilioDate(binding.createdAt),
    date_updated: toTwilioDate(binding.updatedAt),
    endpoint: binding.endpoint,
    identity: binding.identity,
    // This service stores no push credentials: the sender of the push has them.
    credential_sid: null,
    binding_type: binding.bindingType,
  };
}
