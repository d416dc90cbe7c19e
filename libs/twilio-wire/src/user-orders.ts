import type { UserOrder } from '#read-model';

/** The orders of a list of Users, by how requests name them. */
export const USER_ORDERS: Readonly<Record<string, UserOrder>> = {
  date_created: { by: 'created', descending: false },
  'date_created:asc': { by: 'created', descending: false },
  'date_created:desc': { by: 'created', descending: true },
  last_change: { by: 'lastChange', descending: false },
  'last_change:asc': { by: 'lastChange', descending: false },
  'last_change:desc': { by: 'lastChange', descending: true },
};
