import type { Settings } from '#shared/settings/settings';

/** Returns whether `/metrics` and `/docs` are on the public port. */
export function isManagementPublic(
  settings: Pick<Settings, 'MANAGEMENT_PORT' | 'MANAGEMENT_PUBLIC' | 'NODE_ENV'>,
): boolean {
  if (settings.MANAGEMENT_PORT !== undefined) return false;
  return settings.MANAGEMENT_PUBLIC || settings.NODE_ENV !== 'production';
}
