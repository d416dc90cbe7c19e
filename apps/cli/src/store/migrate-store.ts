import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';

/** `store migrate`: the schema of PostgreSQL, and the privileges of the roles. */
export function addMigrate(group: Command, host: CommandHost): void {
  group
    .command('migrate')
    .description('bring the schema of DATABASE_URL to that of this version, and grant privileges')
    .addHelpText(
      'after',
      `
Run it as the role that owns the schema, before the servers of a new version start. Of the
roles reachability_api, reachability_worker and reachability_read, those that exist get their
privileges. Where nothing is to be done, it changes nothing.

Example:
  $ DATABASE_URL=postgres://reachability_migrate:secret@db/reachability reachability store migrate`,
    )
    .action((_options: object, command: Command) =>
      host.runWithoutStores(command, async ({ io, settings }) => {
        // Other commands do without the driver.
        const { migrateDatabase } = await import('#shared/composition/migrate-database');
        const { made, newest, roles } = await migrateDatabase(settings);
        if (io.json) await writeJson(io, { made, newest, roles });
        else await writeLine(io, asText(made, newest, roles));
        return EXIT.ok;
      }),
    );
}

function asText(made: readonly string[], newest: string, roles: readonly string[]): string {
  const schema = made.length === 0 ? 'Nothing to migrate' : `Made ${made.join(', ')}`;
  const granted = roles.length === 0 ? 'none of them exists' : roles.join(', ');
  return `${schema}: the database has ${newest}\nPrivileges of roles: ${granted}`;
}
