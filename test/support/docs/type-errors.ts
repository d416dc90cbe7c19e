import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Snippet } from './snippets.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** What programs on the pages leave to their reader. */
const GIVENS = `
declare const token: string, accountSid: string, keySid: string, keySecret: string, serviceSid: string;
declare function loadVersion(): Promise<string | undefined>;
declare function storeVersion(version: string): Promise<void>;
declare function takeSnapshot(version: string): Promise<void>;
`;
const compilerOptions = {
  strict: true,
  noImplicitAny: false,
  checkJs: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  target: 'es2024',
  lib: ['es2024', 'dom'],
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
  jsx: 'react-jsx',
  module: 'nodenext',
};

/** Returns what the compiler says against JavaScript of the pages, in a folder with the packages that it imports. */
export function typeErrors(
  folder: string,
  programs: readonly (Snippet & { readonly page: string })[],
): Promise<string> {
  for (const { page, line, language, code } of programs) {
    const name = `${page.replaceAll(/\W/g, '-')}-${line}.${language}`;
    writeFileSync(join(folder, name), code);
  }
  writeFileSync(join(folder, 'givens.d.ts'), GIVENS);
  const config = { compilerOptions, include: ['*.js', '*.jsx', 'givens.d.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  return new Promise((done) => {
    execFile(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], (_, stdout, stderr) => {
      done(stdout + stderr);
    });
  });
}
