import 'reflect-metadata';
import { Command } from 'commander';
import { PROGRAM_VERSION } from '#shared/program-version';
import { addAudit } from './audit/index.ts';
import { CommandHost } from './command-host.ts';
import { addCredentials } from './credentials/index.ts';
import { addEvents } from './events/index.ts';
import { EXIT_CODES_HELP, type ExitCode } from './exit-codes.ts';
import { addKeys } from './keys/index.ts';
import { addNodes } from './nodes/index.ts';
import { addProjections } from './projections/index.ts';
import { addServices } from './services/index.ts';
import { addStore } from './store/index.ts';
import { addUsers } from './users/index.ts';
import { addWebhooks } from './webhooks/index.ts';

/** Runs one command line; returns its exit code. */
export function runCli(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<ExitCode> {
  const host = new CommandHost(environment);
  return host.execute(createCommands(host), args);
}

/** Returns the command line with all of its commands, whose bodies the host runs. */
export function createCommands(host: CommandHost): Command {
  const program = new Command('reachability')
    .description(
      'Manages a Reachability service: Services, Users, API keys, the event log and the projections.',
    )
    .version(PROGRAM_VERSION, '--version', 'print the version of the program')
    .option('--json', 'print JSON: one document, or one a line where events stream')
    .option('--data-dir <dir>', 'directory of the stores (overrides DATA_DIR)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .exitOverride()
    .addHelpText('after', HELP);
  addServices(program, host);
  addUsers(program, host);
  addKeys(program, host);
  addCredentials(program, host);
  addAudit(program, host);
  addEvents(program, host);
  addProjections(program, host);
  addStore(program, host);
  addWebhooks(program, host);
  addNodes(program, host);
  return program;
}

const HELP = `
The settings are those of the server. They come from the environment and from .env.
Commands open the stores directly, whether or not a server is running on them.

Examples:
  $ reachability services list
  $ reachability services create "Support desk" --json
  $ reachability users get alice --service IS0123456789abcdef0123456789abcdef
  $ reachability audit user alice --service IS0123456789abcdef0123456789abcdef --as-of 2026-11-22T14:02:00Z
${EXIT_CODES_HELP}`;

function oneLine(text: string): string {
  return `${text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')}\n`;
}
