import { Inject, Injectable } from '@nestjs/common';
import type { Role } from '#domain';
import type { ServiceRow } from '#read-model';
import type { Credentials } from '#shared/composition/credentials';
import { roleJson } from '#twilio-wire/role-json';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { CREDENTIALS } from '../../platform/injection-tokens.ts';

/** A Role as Twilio's wire shows it. */
@Injectable()
export class RoleView {
  readonly #accountSid: string;
  readonly #url: PublicUrl;

  constructor(@Inject(CREDENTIALS) credentials: Credentials, url: PublicUrl) {
    this.#accountSid = credentials.accountSid;
    this.#url = url;
  }

  of(role: Role, service: ServiceRow) {
    return roleJson(role, service, { accountSid: this.#accountSid, origin: this.#url.origin });
  }
}
