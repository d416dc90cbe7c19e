import { Inject, Injectable } from '@nestjs/common';
import type { UserInService } from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { userJson, userListItemJson } from '#twilio-wire/user-json';
import type { ViewContext } from '#twilio-wire/view-context';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { CREDENTIALS } from '../../platform/injection-tokens.ts';

/** A User as Twilio's wire shows it. */
@Injectable()
export class UserView {
  readonly #accountSid: string;
  readonly #url: PublicUrl;

  constructor(@Inject(CREDENTIALS) credentials: Credentials, url: PublicUrl) {
    this.#accountSid = credentials.accountSid;
    this.#url = url;
  }

  /** With the two facts. */
  of(found: UserInService) {
    return userJson(found, this.#context());
  }

  /** As an item of a list, where Twilio always shows both facts as null. */
  listItem(found: UserInService) {
    return userListItemJson(found, this.#context());
  }

  #context(): ViewContext {
    return { accountSid: this.#accountSid, origin: this.#url.origin };
  }
}
