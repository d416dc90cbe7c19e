/** Paths of the API, relative to the address of the service. */

export const SERVICES = 'v2/Services';
export const API_KEYS = 'v2/ApiKeys';
export const NODES = 'v2/Nodes';
export const PROJECTIONS = 'v2/Projections';

export function servicePath(service: string, ...below: readonly string[]): string {
  return [SERVICES, ...[service, ...below].map(encodeURIComponent)].join('/');
}

/** @param user sid of a User: an identity such as `..` cannot be part of a path that a browser requests */
export function userPath(service: string, user: string, ...below: readonly string[]): string {
  return servicePath(service, 'Users', user, ...below);
}

export function projectionPath(projection: string, ...below: readonly string[]): string {
  return [PROJECTIONS, ...[projection, ...below].map(encodeURIComponent)].join('/');
}
