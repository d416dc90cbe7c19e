import fc from 'fast-check';
import type { RequestOptions } from './http-client.ts';

/** Limits of a request, as `docs/http.md` has them. */
const MAX_PARAMETERS = 2_000;
const MAX_JSON_BYTES = 128_000;
const MAX_BODY = 256 * 1024;
const MAX_QUERY_BODY = 6_000_000;
const MAX_QUERY_USERS = 1_000;
const MAX_IDENTITY = 512;
/** Node refuses longer heads of requests. */
const MAX_URL = 15_000;

/** A request that nearly reaches the limits. Nearly all are refused, but only once they were read. */
export interface LargeRequest {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly options: RequestOptions;
}

/** A route that takes parameters. */
interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly parameter: string;
  readonly maxBody?: number;
  readonly maxValues?: number;
  /** Most characters of a value, where the route would refuse longer ones. */
  readonly maxLength?: number;
}

/** A parameter that is repeated, or others of any name. */
interface Shape {
  readonly name: 'one value' | 'many values' | 'many names' | 'nested' | 'deep' | 'long number';
  readonly forms: boolean;
}

const SHAPES: readonly Shape[] = [
  { name: 'one value', forms: true },
  { name: 'many values', forms: true },
  { name: 'many names', forms: true },
  { name: 'nested', forms: false },
  { name: 'deep', forms: false },
  { name: 'long number', forms: false },
];

const FORM_UNITS = ['a', '+', '%', '%zz', '%41', '%00', '%FF', '%EF%BF%BD', '%F0%9F%A6%8A', '🦊'];
const JSON_UNITS = ['a', '+', '🦊', '\\n', '\\"', '\\u0041', '\\u0000', '\\ud83e\\udd8a'];

/** Routes of the API that take parameters, for a Service with the User `ann`. */
function routesOf(service: string): readonly Route[] {
  const users = `${service}/Users`;
  const lists = [users, `${service}/Bindings`, `${users}/ann/Bindings`, `${users}/ann/Connections`];
  const query: Route = {
    method: 'POST',
    path: `${service}/Reachability/Query`,
    parameter: 'User',
    maxBody: MAX_QUERY_BODY,
    maxValues: MAX_QUERY_USERS,
  };
  return [
    query,
    { ...query, maxLength: MAX_IDENTITY },
    { method: 'POST', path: '/v2/Services', parameter: 'FriendlyName' },
    { method: 'POST', path: '/v2/ApiKeys', parameter: 'Scopes' },
    { method: 'POST', path: service, parameter: 'WebhookFilters' },
    { method: 'POST', path: `${service}/Reachability`, parameter: 'GraceSeconds' },
    { method: 'POST', path: `${service}/Roles`, parameter: 'Permission' },
    { method: 'POST', path: `${service}/Tokens`, parameter: 'Identity' },
    { method: 'POST', path: users, parameter: 'Identity' },
    { method: 'POST', path: `${users}/ann`, parameter: 'Attributes' },
    { method: 'POST', path: `${users}/ann/Bindings`, parameter: 'Address' },
    { method: 'POST', path: `${users}/ann/Connections`, parameter: 'DeviceId' },
    { method: 'POST', path: `${users}/ann/Reachability/Revocations`, parameter: 'Any' },
    ...lists.map((path): Route => ({ method: 'GET', path, parameter: 'Identity' })),
    { method: 'GET', path: `${users}/ann/Reachability`, parameter: 'AsOf' },
    { method: 'GET', path: `${users}/ann/Reachability/History`, parameter: 'PageToken' },
  ];
}

/** Requests of every route, encoding, shape and text, for a Service with the User `ann`. */
export function largeRequests(service: string): fc.Arbitrary<LargeRequest> {
  const share = fc.double({ min: 0.9, max: 1, noNaN: true });
  return fc
    .tuple(fc.constantFrom(...routesOf(service)), fc.boolean(), share)
    .chain(([route, isForm, size]) =>
      route.method === 'GET' || isForm
        ? fc
            .tuple(
              fc.constantFrom(...SHAPES.filter(({ forms }) => forms)),
              fc.constantFrom(...FORM_UNITS),
            )
            .map(([shape, unit]) => formRequest(route, shape, unit, size))
        : fc
            .tuple(fc.constantFrom(...SHAPES), fc.constantFrom(...JSON_UNITS))
            .map(([shape, unit]) => jsonRequest(route, shape, unit, size)),
    );
}

function formRequest(route: Route, { name }: Shape, unit: string, share: number): LargeRequest {
  const isQuery = route.method === 'GET';
  const size = (isQuery ? MAX_URL : (route.maxBody ?? MAX_BODY)) * share;
  const encode = isQuery && unit === '🦊' ? encodeURIComponent(unit) : unit;
  const count = countOf(route, name);
  const filler = (index: number) =>
    textOf(encode, size / count - route.parameter.length - 8, index, route.maxLength);
  const pairs = Array.from({ length: count }, (_, index) =>
    name === 'many names' ? `${filler(index)}=1` : `${route.parameter}=${filler(index)}`,
  );
  const form = pairs.join('&');
  const title = `${route.method} ${route.path}, form, ${name} of ${unit}`;
  if (isQuery) return { ...route, name: title, path: `${route.path}?${form}`, options: {} };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { ...route, name: title, options: { raw: form, headers } };
}

function jsonRequest(route: Route, { name }: Shape, unit: string, share: number): LargeRequest {
  const size = (route.maxBody ?? MAX_BODY) * share;
  const count = countOf(route, name);
  const text = (index: number) => `"${textOf(unit, size / count - 16, index, route.maxLength)}"`;
  const texts = () => Array.from({ length: count }, (_, index) => text(index));
  const json = {
    'one value': () => text(0),
    'many values': () => `[${texts().join(',')}]`,
    'many names': () =>
      `1,${texts()
        .map((key) => `${key}:1`)
        .join(',')}`,
    nested: () =>
      `{"a":{"b":{${texts()
        .map((key) => `${key}:{"c":1}`)
        .join(',')}}}}`,
    deep: () => '['.repeat(count) + ']'.repeat(count),
    'long number': () => '9'.repeat(Math.floor((MAX_JSON_BYTES - 100) * share)),
  }[name]();
  const headers = { 'content-type': 'application/json' };
  const title = `${route.method} ${route.path}, JSON, ${name} of ${unit}`;
  return { ...route, name: title, options: { raw: `{"${route.parameter}":${json}}`, headers } };
}

function countOf({ maxValues = MAX_PARAMETERS - 8 }: Route, shape: Shape['name']): number {
  if (shape === 'one value') return 1;
  if (shape === 'nested') return MAX_PARAMETERS / 2 - 8;
  return shape === 'many values' ? maxValues : MAX_PARAMETERS - 8;
}

/** Text of about `bytes` bytes, or of fewer that are `longest` characters. It differs by index, which is at its end. */
function textOf(unit: string, bytes: number, index: number, longest = Infinity): string {
  const end = String(index);
  const count = Math.floor((bytes - end.length) / Buffer.byteLength(unit));
  return unit.repeat(Math.max(0, Math.min(count, longest - end.length))) + end;
}
