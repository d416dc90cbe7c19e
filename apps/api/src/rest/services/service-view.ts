import { Inject, Injectable } from '@nestjs/common';
import type { ServiceRow } from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { serviceJson } from '#twilio-wire/service-json';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { CREDENTIALS } from '../../platform/injection-tokens.ts';

/** A Service as Twilio's wire shows it. */
@Injectable()
export class ServiceView {
  readonly #accountSid: string;
  readonly #url: PublicUrl;

  constructor(@Inject(CREDENTIALS) credentials: Credentials, url: PublicUrl) {
    this.#accountSid = credentials.accountSid;
    this.#url = url;
  }

  of(service: ServiceRow) {
    return serviceJson(service, { accountSid: this.#accountSid, origin: this.#url.origin });
  }
}
