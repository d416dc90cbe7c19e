import { Inject, Injectable } from '@nestjs/common';
import type { Credentials } from '#shared/composition/credentials';
import { publicOrigin } from '#shared/settings/public-origin';
import { Settings } from '#shared/settings/settings';
import { apiUrl, type ViewContext } from '#twilio-wire/view-context';
import { CREDENTIALS } from '../injection-tokens.ts';

/** The account and the address under which clients reach this service, as every answer shows them. */
@Injectable()
export class PublicAddress implements ViewContext {
  readonly accountSid: string;
  #origin: string;

  constructor(settings: Settings, @Inject(CREDENTIALS) { accountSid }: Credentials) {
    this.accountSid = accountSid;
    this.#origin = publicOrigin(settings);
  }

  get origin(): string {
    return this.#origin;
  }

  /** Takes the port that the system chose, where the settings leave it open. */
  listeningOn(port: number): void {
    this.#origin = this.#origin.replace(/:0$/, `:${port}`);
  }

  /** Absolute URL of a path under the current API version; segments are percent-encoded. */
  url(...segments: readonly string[]): string {
    return apiUrl(this.#origin, ...segments);
  }
}
