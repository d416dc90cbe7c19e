#!/usr/bin/env node
/** Builds the program where `dist` is missing or stale, reads `.env` if it exists, and runs the command line. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import './require-node.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

// By default V8 lets the heap grow to four times its live objects: a rebuild would take 80 MB more.
setFlagsFromString('--heap-growing-percent=100');

const ENVIRONMENT = path('../.env');

if (existsSync(path('../apps/cli/src/main.ts'))) {
  const { buildIfStale } = await import('./build.mjs');
  await buildIfStale();
}
if (existsSync(ENVIRONMENT)) process.loadEnvFile(ENVIRONMENT);
await import('../dist/apps/cli/src/main.js');
