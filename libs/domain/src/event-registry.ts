import type { TSchema } from 'typebox';
import { Compile } from 'typebox/schema';
import type { DomainEvent } from './decider.ts';
import { InvalidEventError, UnknownEventTypeError } from './errors.ts';

/** Converts the payload of version n into that of version n + 1. */
export type Upcaster = (data: Record<string, unknown>) => Record<string, unknown>;

interface Entry {
  readonly type: string;
  readonly version: number;
  readonly upcasters: readonly Upcaster[];
  readonly check: (data: unknown) => boolean;
  readonly explain: (data: unknown) => string;
}

/** An event as the log holds it: its payload in the version that was current when it was written. */
interface EncodedEvent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: object;
}

/**
 * The event types of a program with their schemas and upcasters. Every event passes through it on the way to the log
 * and back, so a payload that does not fit its schema never gets past it, from any writer.
 */
export class EventRegistry<Event extends DomainEvent> {
  readonly #entries = new Map<string, Entry>();

  /**
   * @param schemas of the current payload of each type
   * @param upcasters of each type whose payload has changed, from version 1 on: n upcasters lead to version n + 1
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
        explain: (data) => {
          const [, errors] = validator.Errors(data);
          return errors.map((error) => `${error.instancePath || '/'} ${error.message}`).join('; ');
        },
      });
    }
  }

  get types(): string[] {
    return [...this.#entries.keys()];
  }

  /**
   * Checks the payload against its schema, and adds the current schema version.
   *
   * @throws UnknownEventTypeError, InvalidEventError
   */
  encode(event: Event): EncodedEvent {
    const entry = this.#entry(event.type);
    if (!entry.check(event.data)) throw this.#invalid(entry, event.type, event.data);
    return { type: event.type, schemaVersion: entry.version, data: event.data };
  }

  /**
   * Upcasts the payload to the current schema version, and checks it.
   *
   * @throws UnknownEventTypeError, InvalidEventError
   */
  decode(recorded: EncodedEvent): Event {
    const entry = this.#entry(recorded.type);
    let { data } = recorded;
    if (recorded.schemaVersion !== entry.version) data = this.#upcast(entry, recorded);
    // The registry's own string compares by reference with a literal; one read from the log by its characters.
    const event = { type: entry.type, data };
    if (!this.#fits(entry, event)) throw this.#invalid(entry, recorded.type, data);
    return event;
  }

  #fits(entry: Entry, event: { type: string; data: object }): event is Event {
    return entry.check(event.data);
  }

  #upcast(entry: Entry, { type, schemaVersion, data }: EncodedEvent): object {
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
