/** Builds the web console into `dist/apps/console`, with a compressed copy of each file beside it. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';

const ROOT = resolve(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'dist/apps/console');
/** A smaller file gains nothing. */
const SMALLEST_BYTES = 1_024;

await build({ configFile: join(ROOT, 'apps/console/vite.config.mjs') });
await Promise.all(globSync('assets/*.{js,css,svg}', { cwd: OUTPUT }).map(compress));

async function compress(file) {
  const path = join(OUTPUT, file);
  const content = readFileSync(path);
  if (content.length < SMALLEST_BYTES) return;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${path}.br`, await promisify(brotliCompress)(content, { params }));
  writeFileSync(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
