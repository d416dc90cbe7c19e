import type { ReachabilityChange } from '#read-model';
import { formatVersion } from '#read-model';
import { changeJson, changeType } from '#twilio-wire/change-json';
import { eventText } from './sse.ts';

/** A change and its text, which is made once for all feeds that send it. */
export class FeedChange {
  readonly change: ReachabilityChange;
  readonly #serviceSid: string;
  readonly #epoch: string;
  #text: string | null = null;

  constructor(change: ReachabilityChange, serviceSid: string, epoch: string) {
    this.change = change;
    this.#serviceSid = serviceSid;
    this.#epoch = epoch;
  }

  get position(): string {
    return this.change.position;
  }

  get text(): string {
    this.#text ??= eventText({
      event: changeType(this.change),
      id: formatVersion(this.#epoch, this.change.position),
      data: changeJson(this.change, this.#serviceSid, this.#epoch),
    });
    return this.#text;
  }
}
