import { migrate, type MigrationReport } from '#postgres';
import { InvalidSettingError } from '../settings/invalid-setting-error.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Brings the schema of the database to that of this program, and gives the roles that exist their privileges.
 *
 * @throws InvalidSettingError without DATABASE_URL
 * @throws DatabaseSchemaError if a newer program has migrated the database, or if the role may not
 * @throws DatabaseUnavailableError
 */
export async function migrateDatabase({
  DATABASE_URL,
}: Pick<Settings, 'DATABASE_URL'>): Promise<MigrationReport> {
  if (DATABASE_URL === undefined) {
    throw new InvalidSettingError('DATABASE_URL is not set: files need no migration');
  }
  return migrate(DATABASE_URL);
}
