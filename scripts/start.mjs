/** Builds the program where `dist` is missing or stale, reads `.env` if it exists, and runs the server. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import './require-node.mjs';

const ENVIRONMENT = resolve(import.meta.dirname, '../.env');

const { buildIfStale } = await import('./build.mjs');
await buildIfStale();
if (existsSync(ENVIRONMENT)) process.loadEnvFile(ENVIRONMENT);
await import('../dist/apps/api/src/main.js');
