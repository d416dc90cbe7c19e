import { Inject, Injectable } from '@nestjs/common';
import type { BindingOfUser } from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { toTwilioDate } from '#shared/views/twilio-date';
import { PublicUrl } from '../http/public-url.ts';
import { CREDENTIALS } from '../infrastructure/tokens.ts';

/** What a Binding is told of by push, in Twilio's service; here every Binding counts for all of it. */
const MESSAGE_TYPES = [
  'new_message',
  'added_to_channel',
  'invited_to_channel',
  'removed_from_channel',
];

/** A Binding in the two shapes that Twilio's wire has for it. */
@Injectable()
export class BindingView {
  readonly #accountSid: string;
  readonly #url: PublicUrl;

  constructor(@Inject(CREDENTIALS) credentials: Credentials, url: PublicUrl) {
    this.#accountSid = credentials.accountSid;
    this.#url = url;
  }

  /** As a resource of its Service. */
  ofService(serviceSid: string, binding: BindingOfUser) {
    return {
      ...this.#shape(serviceSid, binding),
      url: this.#url.of('Services', serviceSid, 'Bindings', binding.sid),
      links: { user: this.#url.of('Services', serviceSid, 'Users', binding.identity) },
    };
  }

  /** As a resource of its User. */
  ofUser(serviceSid: string, binding: BindingOfUser) {
    const { sid, userSid } = binding;
    return {
      ...this.#shape(serviceSid, binding),
      user_sid: userSid,
      url: this.#url.of('Services', serviceSid, 'Users', userSid, 'Bindings', sid),
    };
  }

  #shape(serviceSid: string, binding: BindingOfUser) {
    return {
      sid: binding.sid,
      account_sid: this.#accountSid,
      service_sid: serviceSid,
      date_created: toTwilioDate(binding.createdAt),
      date_updated: toTwilioDate(binding.updatedAt),
      endpoint: binding.endpoint,
      identity: binding.identity,
      credential_sid: null,
      binding_type: binding.bindingType,
      message_types: MESSAGE_TYPES,
    };
  }
}
