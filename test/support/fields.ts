/** A JSON object with unchecked fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws TypeError if the value is not an object */
export function fieldsOf(value: unknown): Fields {
  if (!isFields(value)) throw new TypeError(`Not an object: ${JSON.stringify(value)}`);
  return value;
}

/** @throws TypeError if the value is not a list of objects */
export function listOf(value: unknown): Fields[] {
  if (!Array.isArray(value)) throw new TypeError(`Not a list: ${JSON.stringify(value)}`);
  return value.map(fieldsOf);
}

/** @throws TypeError if the field is not a string */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw invalidField(fields, name);
  return value;
}

/** @throws TypeError if the field is not true, false or null */
export function flagOf(fields: Fields, name: string): boolean | null {
  const value = fields[name];
  if (typeof value !== 'boolean' && value !== null) throw invalidField(fields, name);
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalidField(fields: Fields, name: string): TypeError {
  return new TypeError(`Invalid ${name}: ${JSON.stringify(fields)}`);
}
