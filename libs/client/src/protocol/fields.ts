import { ReachabilityError } from '../errors.ts';

/** Reads fields of a JSON object and checks their types. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @throws ReachabilityError `protocol_error` if the value is not a JSON object */
  constructor(value: unknown) {
    if (!isRecord(value)) throw malformed('not an object');
    this.#fields = value;
  }

  /** @throws ReachabilityError `protocol_error`, as all methods here */
  string(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string') throw malformed(`${name} is not a string`);
    return value;
  }

  number(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== 'number') throw malformed(`${name} is not a number`);
    return value;
  }

  boolean(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== 'boolean') throw malformed(`${name} is not a boolean`);
    return value;
  }

  booleanOrNull(name: string): boolean | null {
    return this.#fields[name] === null ? null : this.boolean(name);
  }

  list(name: string): readonly unknown[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw malformed(`${name} is not a list`);
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.#fields[name]);
  }

  strings(name: string): string[] {
    return this.list(name).map((value) => {
      if (typeof value !== 'string') throw malformed(`${name} is not a list of strings`);
      return value;
    });
  }

  /** Returns what `read` returns for the field, or null if the field is missing or null. */
  optional<T>(name: string, read: (name: string) => T): T | null {
    return (this.#fields[name] ?? null) === null ? null : read(name);
  }

  stringOrNumber(name: string): string | number {
    return typeof this.#fields[name] === 'number' ? this.number(name) : this.string(name);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string): ReachabilityError {
  return new ReachabilityError('protocol_error', `Malformed frame of the server: ${why}`);
}
