import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Replaces what is between the comments `<!-- name -->` and `<!-- /name -->` of a file of the repository.
 *
 * @throws Error if the file has no such comments
 */
export function replaceMarked(file: string, name: string, text: string): void {
  const path = resolve(ROOT, file);
  const before = readFileSync(path, 'utf8');
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [before.indexOf(start), before.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${file} has no ${start} ... ${end}`);
  const head = before.slice(0, from + start.length);
  writeFileSync(path, `${head}\n\n${text.trim()}\n\n${before.slice(to)}`);
}

/** Path of a file beside the documentation's images. */
export function imagePath(name: string): string {
  return resolve(ROOT, 'docs/images', name);
}
