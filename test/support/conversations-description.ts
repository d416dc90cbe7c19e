import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Compile } from 'typebox/schema';
import type { Json, JsonObject } from './http-client.ts';
import type { WireAnswer } from './twilio-shapes.ts';

const FILE = resolve(import.meta.dirname, '../fixtures/twilio-conversations-v1.json');

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: JsonObject }> };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { readonly schema: JsonObject }> }
  >;
}

interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: JsonObject };
}

/** An operation of Twilio's description of Conversations v1. */
export interface DescribedOperation {
  readonly id: string;
  readonly method: string;
  /** Path as the description has it, such as `/v1/Services/{Sid}`. */
  readonly path: string;
  readonly query: readonly string[];
  readonly body: readonly string[];
}

/** The part of Twilio's published description of Conversations v1 that carries reachability. */
export class ConversationsDescription {
  readonly #description = JSON.parse(readFileSync(FILE, 'utf8')) as Description;
  readonly #origin: string;
  readonly #checked = new Set<string>();

  /** @param origin start of every URL in answers */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Ids of the operations whose successful answers were checked. */
  get checked(): readonly string[] {
    return [...this.#checked];
  }

  get operations(): readonly DescribedOperation[] {
    return this.#entries().map(({ method, path, operation }) => ({
      id: operation.operationId,
      method,
      path,
      query: (operation.parameters ?? []).filter(({ in: where }) => where === 'query').map(nameOf),
      body: Object.values(operation.requestBody?.content ?? {}).flatMap(({ schema }) =>
        Object.keys(schema['properties'] ?? {}),
      ),
    }));
  }

  /**
   * Checks status and body of an answer: exactly the properties that the description names, of its types.
   *
   * @throws Error with all differences
   */
  check({ method, url, status, body }: WireAnswer): void {
    const fail = (problem: unknown): never => {
      const details = JSON.stringify([problem, body], null, 2);
      throw new Error(`${method} ${url}: ${status}\n${details}`);
    };
    if (status >= 400) {
      const problem = errorProblem(status, body);
      return problem === null ? undefined : fail(problem);
    }
    const path = url.slice(`${this.#origin}/conversations`.length).replace(/\?.*/, '');
    const found = this.#entries().find(
      (entry) => entry.method === method.toLowerCase() && entry.pattern.test(path),
    );
    if (found === undefined) return fail('not an operation of Conversations');
    const response = found.operation.responses[String(status)];
    if (response === undefined) return fail('not a status of this operation');
    const schema = response.content?.['application/json']?.schema;
    if (schema === undefined) {
      if (body !== '') fail('unexpected body');
    } else {
      const [isValid, errors] = Compile(this.#exact(schema) as object).Errors(body);
      if (!isValid) fail(errors);
      const foreign = urlsIn(body).filter((each) => !this.#isOwn(each));
      if (foreign.length > 0) fail({ foreign });
    }
    this.#checked.add(found.operation.operationId);
  }

  #isOwn(url: string): boolean {
    return url.startsWith(`${this.#origin}/conversations/v1/`);
  }

  #entries() {
    return Object.entries(this.#description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method,
        path,
        operation,
        pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
      })),
    );
  }

  /** The schema as JSON Schema has it, whole; objects have all of their properties and no other. */
  #exact(schema: Json): Json {
    if (Array.isArray(schema)) return schema.map((each) => this.#exact(each));
    if (typeof schema !== 'object' || schema === null) return schema;
    const name = schema['$ref'];
    if (typeof name === 'string') {
      const target = this.#description.components.schemas[name.slice(name.lastIndexOf('/') + 1)];
      const resolved = this.#exact(target ?? null) as JsonObject;
      // The description has no way to say that a value of an enumeration may be null.
      return 'enum' in resolved ? orNull(resolved) : resolved;
    }
    const { nullable, format: _, ...rest } = schema;
    const entries = Object.entries(rest).map(([key, value]) => [key, this.#exact(value)]);
    const inner = Object.fromEntries(entries) as JsonObject;
    if (inner['type'] === 'object' && typeof inner['properties'] === 'object') {
      inner['required'] = Object.keys(inner['properties'] ?? {});
      inner['additionalProperties'] = false;
    }
    return nullable === true ? orNull(inner) : inner;
  }
}

function nameOf({ name }: Parameter): string {
  return name;
}

function orNull(schema: JsonObject): JsonObject {
  return { anyOf: [schema, { type: 'null' }] };
}

function errorProblem(status: number, body: unknown): string | null {
  const { status: inBody, code, message, more_info } = body as Record<string, unknown>;
  if (inBody !== status || typeof code !== 'number' || typeof message !== 'string') {
    return 'not an error of Twilio';
  }
  return more_info === `https://www.twilio.com/docs/errors/${code}` ? null : 'wrong more_info';
}

/** Values of all properties whose names say that they are URLs of the API. */
function urlsIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') {
    return key === 'url' || /^(first|next|previous)_page_url$/.test(key) ? [value] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    urlsIn(each, key === 'links' ? 'url' : name),
  );
}
