import { ReachabilityError } from '../errors.ts';

/** Reads the fields of a JSON object, and insists on their types. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @throws ReachabilityError `protocol_error` where the value is no JSON object */
  constructor(value: unknown) {
    if (!isRecord(value)) throw malformed('not an object');
    this.#fields = value;
  }

  /** @throws ReachabilityError `protocol_error`, as all of these */
  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string') throw malformed(`${name} is no text`);
    return value;
  }

  number(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== 'number') throw malformed(`${name} is no number`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== 'boolean') throw malformed(`${name} is neither true nor false`);
    return value;
  }

  flagOrNull(name: string): boolean | null {
    return this.#fields[name] === null ? null : this.flag(name);
  }

  list(name: string): readonly unknown[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw malformed(`${name} is no list`);
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.#fields[name]);
  }

  texts(name: string): string[] {
    return this.list(name).map((value) => {
      if (typeof value !== 'string') throw malformed(`${name} holds more than texts`);
      return value;
    });
  }

  /** What `read` gives for the field, or null where the field is missing or null. */
  optional<T>(name: string, read: (name: string) => T): T | null {
    return (this.#fields[name] ?? null) === null ? null : read(name);
  }

  textOrNumber(name: string): string | number {
    return typeof this.#fields[name] === 'number' ? this.number(name) : this.text(name);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string): ReachabilityError {
  return new ReachabilityError('protocol_error', `A frame of the server is malformed: ${why}`);
}
