#!/usr/bin/env node
/** The command line: builds what is missing or stale, reads `.env` where there is one, and becomes the program. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const NEEDED = [22, 13];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  console.error(
    `reachability needs Node ${NEEDED.join('.')} or later; this is ${process.versions.node}`,
  );
  process.exit(3);
}

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

// By default V8 lets the heap grow to up to four times its live objects, so a rebuild takes 80 MB more.
setFlagsFromString('--heap-growing-percent=100');

const ENVIRONMENT = path('../.env');

if (existsSync(path('../apps/cli/src/main.ts'))) {
  const { buildIfStale } = await import('./build.mjs');
  buildIfStale();
}
if (existsSync(ENVIRONMENT)) process.loadEnvFile(ENVIRONMENT);
await import('../dist/apps/cli/src/main.js');
