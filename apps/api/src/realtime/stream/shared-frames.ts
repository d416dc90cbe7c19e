import { textFrame } from '../sockets/message-frame.ts';
import type { ServiceReachability, UserReachability } from '../watching/reachability.ts';
import { namedUserFrame, userFrame, type ServerFrame } from './server-frames.ts';

/** Encodes facts once for all watchers, which receive the same object one after another. */
class LastFrame<Facts extends object> {
  readonly #make: (facts: Facts) => ServerFrame;
  #facts: Facts | null = null;
  #frame: Buffer = Buffer.alloc(0);

  constructor(make: (facts: Facts) => ServerFrame) {
    this.#make = make;
  }

  encode(facts: Facts): Buffer {
    if (facts !== this.#facts) {
      this.#frame = textFrame(JSON.stringify(this.#make(facts)));
      this.#facts = facts;
    }
    return this.#frame;
  }
}

/** Frames of changes, each encoded once and written to the sockets of all watchers. */
export class SharedFrames {
  readonly #changed = new LastFrame<UserReachability>((facts) => ({
    type: 'change',
    ...userFrame(facts),
  }));
  readonly #created = new LastFrame<UserReachability>((facts) => ({
    type: 'change',
    ...namedUserFrame(facts),
  }));
  readonly #service = new LastFrame<ServiceReachability>(({ reachabilityEnabled, version }) => ({
    type: 'service',
    reachability_enabled: reachabilityEnabled,
    version,
  }));

  changed(facts: UserReachability): Buffer {
    return this.#changed.encode(facts);
  }

  created(facts: UserReachability): Buffer {
    return this.#created.encode(facts);
  }

  service(facts: ServiceReachability): Buffer {
    return this.#service.encode(facts);
  }
}
