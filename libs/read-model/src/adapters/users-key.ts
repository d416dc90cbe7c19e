const CATEGORIES = ['service', 'user', 'node', 'key'] as const;

/** The key of a state of the `users` projection, which is the name of its stream, such as `user-US...`. */
export interface UsersKey {
  readonly category: (typeof CATEGORIES)[number];
  readonly id: string;
}

/** @throws Error where no table holds such a key */
export function parseUsersKey(key: string): UsersKey {
  const dash = key.indexOf('-');
  const category = CATEGORIES.find((known) => known === key.slice(0, dash));
  if (category === undefined) throw new Error(`No table holds ${key}`);
  return { category, id: key.slice(dash + 1) };
}
