/** An OpenAPI 3.0 schema, as far as the answers of this service need it. */
export interface Schema {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array' | 'object';
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly nullable?: boolean;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly $ref?: string;
  readonly example?: unknown;
}

export const text: Schema = { type: 'string' };
export const url: Schema = { type: 'string', format: 'uri' };
export const date: Schema = { type: 'string', format: 'date-time' };
export const integer: Schema = { type: 'integer' };
export const flag: Schema = { type: 'boolean' };

export const sid = (prefix: string): Schema => ({
  type: 'string',
  pattern: `^${prefix}[0-9a-fA-F]{32}$`,
});
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const nullable = (schema: Schema): Schema => ({ ...schema, nullable: true });
export const described = (schema: Schema, description: string): Schema => ({
  ...schema,
  description,
});
export const ref = (name: string): { readonly $ref: string } => ({
  $ref: `#/components/schemas/${name}`,
});

/** A schema with a value that it describes. */
export const withExample = (schema: Schema, example: unknown): Schema => ({ ...schema, example });

/** An object whose properties are required, except those named in `optional`. */
export function object(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', required, properties };
}
