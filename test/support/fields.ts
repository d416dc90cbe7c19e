/** A JSON object whose fields nobody has looked into. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws TypeError where the value is no object */
export function fieldsOf(value: unknown): Fields {
  if (!isFields(value)) throw new TypeError(`No object: ${JSON.stringify(value)}`);
  return value;
}

/** @throws TypeError where the value is no list of objects */
export function listOf(value: unknown): Fields[] {
  if (!Array.isArray(value)) throw new TypeError(`No list: ${JSON.stringify(value)}`);
  return value.map(fieldsOf);
}

/** @throws TypeError where the field is no text */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw wrong(fields, name);
  return value;
}

/** @throws TypeError where the field is neither true nor false nor null */
export function flagOf(fields: Fields, name: string): boolean | null {
  const value = fields[name];
  if (typeof value !== 'boolean' && value !== null) throw wrong(fields, name);
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(fields: Fields, name: string): TypeError {
  return new TypeError(`No ${name} as it should be: ${JSON.stringify(fields)}`);
}
