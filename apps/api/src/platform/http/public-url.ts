import { Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { publicOrigin } from '#shared/settings/public-origin';
import { apiUrl } from '#twilio-wire/view-context';

/** The address under which clients reach this service; every link in an answer begins with it. */
@Injectable()
export class PublicUrl {
  #origin: string;

  constructor(settings: Settings) {
    this.#origin = publicOrigin(settings);
  }

  /** Takes the port that the system chose, where the settings left it open. */
  listeningOn(port: number): void {
    this.#origin = this.#origin.replace(/:0$/, `:${port}`);
  }

  get origin(): string {
    return this.#origin;
  }

  /** Absolute URL of a path under the current API version; segments are percent-encoded. */
  of(...segments: readonly string[]): string {
    return apiUrl(this.#origin, ...segments);
  }
}
