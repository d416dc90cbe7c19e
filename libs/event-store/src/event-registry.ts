import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { DomainEvent } from '#domain';
import type { NewEvent } from './envelope.ts';
import { InvalidEventError, UnknownEventTypeError } from './errors.ts';

/** Turns the payload of version n into that of version n + 1. */
export type Upcaster = (data: Record<string, unknown>) => Record<string, unknown>;

interface Entry {
  readonly type: string;
  readonly version: number;
  readonly upcasters: readonly Upcaster[];
  readonly check: (data: unknown) => boolean;
  readonly explain: (data: unknown) => string;
}

type Encoded = Pick<NewEvent, 'type' | 'schemaVersion' | 'data'>;

/**
 * Knows every event type and stands between the log and the code: what is written fits its schema, and what is
 * read has been brought to the current version and fits it too. A payload that is not what its type promises
 * never gets past here, whatever wrote it.
 */
export class EventRegistry<Event extends DomainEvent> {
  readonly #entries = new Map<string, Entry>();

  /**
   * @param schemas of the current payload of every type
   * @param upcasters of the types that have changed, from version 1 on: n of them make the current version n + 1
   */
  constructor(
    schemas: Readonly<Record<Event['type'], TSchema>>,
    upcasters: ReadonlyMap<string, readonly Upcaster[]> = new Map(),
  ) {
    for (const [type, schema] of Object.entries<TSchema>(schemas)) {
      const validator = Compile(schema);
      const steps = upcasters.get(type) ?? [];
      this.#entries.set(type, {
        type,
        version: steps.length + 1,
        upcasters: steps,
        check: (data) => validator.Check(data),
        explain: (data) =>
          validator
            .Errors(data)
            .map((error) => `${error.instancePath || '/'} ${error.message}`)
            .join('; '),
      });
    }
  }

  get types(): string[] {
    return [...this.#entries.keys()];
  }

  /** @throws UnknownEventTypeError, InvalidEventError */
  encode(event: Event): Encoded {
    const entry = this.#entry(event.type);
    if (!entry.check(event.data)) throw this.#invalid(entry, event.type, event.data);
    return { type: event.type, schemaVersion: entry.version, data: event.data };
  }

  /** @throws UnknownEventTypeError, InvalidEventError */
  decode(recorded: Encoded): Event {
    const entry = this.#entry(recorded.type);
    let { data } = recorded;
    if (recorded.schemaVersion !== entry.version) data = this.#upcast(entry, recorded);
    // The very string that code compares with: one that was read would be compared by its characters each time.
    const event = { type: entry.type, data };
    if (!this.#fits(entry, event)) throw this.#invalid(entry, recorded.type, data);
    return event;
  }

  #fits(entry: Entry, event: { type: string; data: object }): event is Event {
    return entry.check(event.data);
  }

  #upcast(entry: Entry, { type, schemaVersion, data }: Encoded): object {
    if (!Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > entry.version) {
      throw new InvalidEventError(
        `${type} has schema version ${schemaVersion}; this program knows 1 to ${entry.version}`,
      );
    }
    return entry.upcasters
      .slice(schemaVersion - 1)
      .reduce((payload, upcast) => upcast(payload), { ...data });
  }

  #entry(type: string): Entry {
    const entry = this.#entries.get(type);
    if (entry === undefined) throw new UnknownEventTypeError(`Unknown event type ${type}`);
    return entry;
  }

  #invalid(entry: Entry, type: string, data: unknown): InvalidEventError {
    return new InvalidEventError(`${type} does not fit its schema: ${entry.explain(data)}`);
  }
}
