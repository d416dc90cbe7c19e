import type { ServiceFacts, UserFacts } from '../watching/user-facts.ts';
import { namedUserFrame, userFrame, type ServerFrame } from './server-frames.ts';
import { textFrame } from './text-frame.ts';

/** Makes the frame of something that many are told, one after another, and keeps it until something else is told. */
class LastFrame<Facts extends object> {
  readonly #make: (facts: Facts) => ServerFrame;
  #facts: Facts | null = null;
  #frame: Buffer = Buffer.alloc(0);

  constructor(make: (facts: Facts) => ServerFrame) {
    this.#make = make;
  }

  of(facts: Facts): Buffer {
    if (facts !== this.#facts) {
      this.#frame = textFrame(JSON.stringify(this.#make(facts)));
      this.#facts = facts;
    }
    return this.#frame;
  }
}

/** Frames that are made once and written to the sockets of all whom they are for. */
export class SharedFrames {
  readonly #changed = new LastFrame<UserFacts>((facts) => ({
    type: 'change',
    ...userFrame(facts),
  }));
  readonly #appeared = new LastFrame<UserFacts>((facts) => ({
    type: 'change',
    ...namedUserFrame(facts),
  }));
  readonly #switched = new LastFrame<ServiceFacts>(({ reachabilityEnabled, version }) => ({
    type: 'service',
    reachability_enabled: reachabilityEnabled,
    version,
  }));

  changed(facts: UserFacts): Buffer {
    return this.#changed.of(facts);
  }

  appeared(facts: UserFacts): Buffer {
    return this.#appeared.of(facts);
  }

  switched(facts: ServiceFacts): Buffer {
    return this.#switched.of(facts);
  }
}
