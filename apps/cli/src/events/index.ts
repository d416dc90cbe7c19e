import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { addReplayEvents } from './replay-events.ts';
import { addTailEvents } from './tail-events.ts';

/** `reachability events ...` */
export function addEvents(program: Command, host: CommandHost): void {
  const group = program.command('events').description('the event log');
  addTailEvents(group, host);
  addReplayEvents(group, host);
}
