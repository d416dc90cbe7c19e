#!/usr/bin/env node
/** Builds the program where `dist` is missing or stale, reads `.env` if it exists, and runs the command line. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [22, 13];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(
    `reachability needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node}`,
  );
  process.exit(3);
}

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * Commands that fold the whole log run with other heap flags: a large young generation from the start, and little
 * slack in the old one. Memory use then grows half as much with the log. Systems without `execve` do without.
 */
const { commands, heap } = JSON.parse(readFileSync(path('long-work.json'), 'utf8'));
const [group, command] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
if (
  group === 'projections' &&
  commands.includes(command) &&
  !heap.every((flag) => process.execArgv.includes(flag)) &&
  process.execve !== undefined
) {
  const { execPath, execArgv, argv, env } = process;
  process.execve(execPath, [execPath, ...execArgv, ...heap, ...argv.slice(1)], env);
}

const ENVIRONMENT = path('../.env');

if (existsSync(path('../apps/cli/src/main.ts'))) {
  const { buildIfStale } = await import('./build.mjs');
  buildIfStale();
}
if (existsSync(ENVIRONMENT)) process.loadEnvFile(ENVIRONMENT);
await import('../dist/apps/cli/src/main.js');
