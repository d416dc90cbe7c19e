import { useMemo } from 'react';
import { useSearchParams } from 'react-router';

export const STATES = ['all', 'online', 'offline', 'unknown'] as const;
export type StateFilter = (typeof STATES)[number];
export const PUSHES = ['all', 'push', 'no push', 'not known'] as const;
export type PushFilter = (typeof PUSHES)[number];
export const ORDERS = ['created', 'last change'] as const;
export type UserOrder = (typeof ORDERS)[number];

/** Which Users of a Service are listed, and how. */
export interface UserFilters {
  readonly state: StateFilter;
  readonly push: PushFilter;
  /** What identities begin with; empty for all. */
  readonly prefix: string;
  readonly order: UserOrder;
}

const ONLINE = { all: undefined, online: 'true', offline: 'false', unknown: 'null' } as const;
const NOTIFIABLE = {
  all: undefined,
  push: 'true',
  'no push': 'false',
  'not known': 'null',
} as const;
const ORDER = { created: undefined, 'last change': 'last_change:desc' } as const;
const LARGEST_PAGE = '100';

/** Keeps the filters in the address of the page, so that it can be passed on. */
export function useUserFilters(): {
  readonly filters: UserFilters;
  readonly setFilters: (filters: UserFilters) => void;
} {
  const [search, setSearch] = useSearchParams();
  const filters = useMemo(() => fromSearch(search), [search]);
  return {
    filters,
    setFilters: (next) => setSearch(toSearch(next), { replace: true }),
  };
}

function fromSearch(search: URLSearchParams): UserFilters {
  const oneOf = <T extends string>(values: readonly [T, ...T[]], name: string): T =>
    values.find((value) => value === search.get(name)) ?? values[0];
  return {
    state: oneOf(STATES, 'state'),
    push: oneOf(PUSHES, 'push'),
    prefix: search.get('prefix') ?? '',
    order: oneOf(ORDERS, 'order'),
  };
}

function toSearch({ state, push, prefix, order }: UserFilters): Record<string, string> {
  return {
    ...(state === STATES[0] ? {} : { state }),
    ...(push === PUSHES[0] ? {} : { push }),
    ...(prefix === '' ? {} : { prefix }),
    ...(order === ORDERS[0] ? {} : { order }),
  };
}

/** Returns the parameters of the list in the API. */
export function toParameters({ state, push, prefix, order }: UserFilters) {
  const parameters: Record<string, string> = { PageSize: LARGEST_PAGE, Reachability: 'true' };
  const filters = {
    IsOnline: ONLINE[state],
    IsNotifiable: NOTIFIABLE[push],
    IdentityPrefix: prefix === '' ? undefined : prefix,
    Order: ORDER[order],
  };
  for (const [name, value] of Object.entries(filters)) {
    if (value !== undefined) parameters[name] = value;
  }
  return parameters;
}

/** Returns the options of `reachability users list`. */
export function toCliOptions({ state, push, prefix, order }: UserFilters): string {
  const options = [
    ['--online', ONLINE[state]],
    ['--notifiable', NOTIFIABLE[push]],
    ['--prefix', prefix === '' ? undefined : `'${prefix.replaceAll("'", `'\\''`)}'`],
    ['--order', ORDER[order]],
  ].filter(([, value]) => value !== undefined);
  return options.length === 0 ? '--reachability' : options.flat().join(' ');
}
