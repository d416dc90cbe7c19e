/** Builds what is missing or stale, reads `.env` where there is one, and becomes the program. */
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { resolve } from 'node:path';
import { buildIfStale } from './build.mjs';

const ENVIRONMENT = resolve(import.meta.dirname, '../.env');

buildIfStale();
if (existsSync(ENVIRONMENT)) loadEnvFile(ENVIRONMENT);
await import('../dist/apps/api/src/main.js');
