import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DocReader, leftOut } from '../support/docs/doc-reader.ts';
import { ReaderFolder } from '../support/docs/reader-folder.ts';
import { indentedBlocksOf, snippetsOf } from '../support/docs/snippets.ts';
import { startProgram, type Program } from '../support/program.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** What programs on the pages leave to their reader. */
const GIVENS = `
import { readFileSync } from 'node:fs';
const { accountSid, authToken, apiKeys } = JSON.parse(readFileSync('data/credentials.json', 'utf8'));
const [[keySid, keySecret]] = Object.entries(apiKeys);
const { token, service = '' } = process.env;
const serviceSid = service.split('/').at(-1);
Object.assign(globalThis, { accountSid, authToken, keySid, keySecret, serviceSid, token });
`;

/** The pages, and how many of their snippets no test runs. Each of those has its reason on the page. */
const PAGES: readonly (readonly [page: string, unrun: number])[] = [
  ['docs/getting-started.md', 0],
  ['docs/http.md', 0],
  ['docs/protocol.md', 2],
  ['docs/cli.md', 0],
];

describe('The snippets of', () => {
  const folder = new ReaderFolder(GIVENS);
  let program: Program;

  beforeAll(async () => {
    program = await startProgram({ dataDir: folder.dataDir });
    folder.serve(program);
  });
  afterAll(async () => {
    await program.stop();
    folder.remove();
  });

  describe.each(PAGES)('%s', (page, unrun) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const snippets = snippetsOf(text);

    it('do what the page says, one after another', async () => {
      const reader = new DocReader(folder);
      try {
        await reader.follow(snippets);
      } finally {
        await reader.close();
      }
    });

    it('are run by this test or one that exists, but for those with a reason', () => {
      expect(indentedBlocksOf(text)).toEqual([]);
      const others = snippets.flatMap((snippet) => leftOut(snippet) ?? []);
      expect(others.filter(({ test }) => test === null)).toHaveLength(unrun);
      const tests = others.flatMap(({ test }) => test ?? []);
      expect(tests.filter((test) => !existsSync(join(ROOT, test)))).toEqual([]);
    });
  });
});
