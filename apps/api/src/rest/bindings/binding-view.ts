import { Inject, Injectable } from '@nestjs/common';
import type { BindingOfUser } from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { bindingJson, userBindingJson } from '#twilio-wire/binding-json';
import type { ViewContext } from '#twilio-wire/view-context';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { CREDENTIALS } from '../../platform/injection-tokens.ts';

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
    return bindingJson(serviceSid, binding, this.#context());
  }

  /** As a resource of its User. */
  ofUser(serviceSid: string, binding: BindingOfUser) {
    return userBindingJson(serviceSid, binding, this.#context());
  }

  #context(): ViewContext {
    return { accountSid: this.#accountSid, origin: this.#url.origin };
  }
}
