/** Builds the program where `dist` is missing or stale, reads `.env` if it exists, and runs the server. */
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { resolve } from 'node:path';
import { buildIfStale } from './build.mjs';

const ENVIRONMENT = resolve(import.meta.dirname, '../.env');

await buildIfStale();
if (existsSync(ENVIRONMENT)) loadEnvFile(ENVIRONMENT);
await import('../dist/apps/api/src/main.js');
