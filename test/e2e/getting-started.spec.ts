import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../support/program.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/getting-started.md'), 'utf8');
const run = promisify(execFile);

/** The commands of the page, without those marked `skip`, and what the page says that they print. */
function snippets(): { readonly script: string; readonly printed: string | undefined }[] {
  const blocks = PAGE.matchAll(/^```sh\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm);
  return [...blocks].map(([, script = '', printed]) => ({ script, printed }));
}

describe('The page "Getting started"', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reachability-started-'));
  let program: Program;

  beforeAll(async () => {
    program = await startProgram({ dataDir: join(folder, 'data') });
  });
  afterAll(async () => {
    await program.stop();
    rmSync(folder, { recursive: true });
  });

  it('prints what it says, command by command', async () => {
    const separator = '--- next';
    const script = snippets()
      .map(({ script: commands }) => commands.replaceAll('http://127.0.0.1:3000', program.url))
      .join(`echo '${separator}'\n`);
    const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
    const options = { cwd: folder, env: { PATH } };
    const { stdout } = await run('bash', ['--norc', '-euc', script], options);
    const printed = stdout.split(`${separator}\n`);
    expect(printed).toEqual(snippets().map((snippet) => snippet.printed ?? ''));
  });
});
