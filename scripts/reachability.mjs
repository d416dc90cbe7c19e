#!/usr/bin/env node
/** The command line: builds what is missing or stale, reads `.env` where there is one, and becomes the program. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = [22, 13];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  console.error(
    `reachability needs Node ${NEEDED.join('.')} or later; this is ${process.versions.node}`,
  );
  process.exit(3);
}

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * What folds the whole log gets a heap to suit: room for what lives shortly, from the start, and little slack for
 * what lives long. Its memory then grows half as much with the log. Where a process cannot become another, it does without.
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
