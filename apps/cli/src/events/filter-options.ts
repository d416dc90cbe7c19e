import type { Command } from 'commander';
import { eventTypes, serviceSid } from '../arguments/parsers.ts';

/** Adds the options that say which events a command is about. */
export function withFilterOptions(command: Command): Command {
  return command
    .option('--stream <name>', 'only this stream, such as user-US... or service-IS...')
    .option('--service <sid>', 'only this Service and its Users', serviceSid)
    .option('--type <type>', 'only events of this type; may be given again', eventTypes);
}
