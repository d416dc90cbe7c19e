import { expect } from '@jest/globals';
import { textOf } from './fields.ts';
import type { JsonObject } from './http-client.ts';

type Facts = readonly [isOnline: unknown, isNotifiable: unknown];

interface Known {
  readonly version: string;
  readonly facts: Facts | 'absent';
}

interface Asked {
  readonly sid: string;
  readonly since: string | null;
}

/** State of a client that follows `docs/protocol.md`, built from the frames of `/stream`. */
export class StreamedClient {
  watermark = '';
  #switchedAt = '';
  readonly #known = new Map<string, Known>();
  readonly #asked: Asked[] = [];

  asks(sid: string, since: string | null): void {
    this.#asked.push({ sid, since });
  }

  waitsFor(sid: string): boolean {
    return this.#asked.some((asked) => asked.sid === sid);
  }

  /** Removes and returns the unanswered requests, to send them again. */
  takeUnanswered(): Asked[] {
    return this.#asked.splice(0);
  }

  forget(sid: string): void {
    this.#known.delete(sid);
  }

  /** Reachability of a User as the client knows it. */
  of(sid: string): Facts | 'absent' | undefined {
    const known = this.#known.get(sid);
    if (known === undefined || known.facts === 'absent') return known?.facts;
    return this.#switchedAt > known.version ? [null, null] : known.facts;
  }

  read(json: string): void {
    const frame = JSON.parse(json) as JsonObject;
    const version = textOf(frame, 'version');
    switch (frame['type']) {
      case 'change':
        expect(json.length).toBeLessThan(200);
        this.#learn(textOf(frame, 'sid'), version, factsOf(frame));
        break;
      case 'gone':
        this.#learn(textOf(frame, 'sid'), version, 'absent');
        break;
      case 'service':
        expect(version >= this.#switchedAt).toBe(true);
        this.#switchedAt = version;
        break;
      case 'snapshot':
        this.#answered(frame, version);
        break;
      default:
        throw new Error(`Unexpected frame: ${json}`);
    }
    expect(version >= this.watermark).toBe(true);
    this.watermark = version;
  }

  #answered(frame: JsonObject, version: string): void {
    for (const user of frame['users'] as JsonObject[]) {
      this.#learn(textOf(user, 'sid'), textOf(user, 'version'), factsOf(user));
    }
    for (const sid of frame['unknown'] as string[]) this.#learn(sid, version, 'absent');
    if (frame['done'] === true) this.#asked.shift();
  }

  #learn(sid: string, version: string, facts: Facts | 'absent'): void {
    const before = this.#known.get(sid);
    expect(version >= (before?.version ?? '')).toBe(true);
    this.#known.set(sid, { version, facts });
  }
}

function factsOf(frame: JsonObject): Facts {
  return [frame['is_online'], frame['is_notifiable']];
}
