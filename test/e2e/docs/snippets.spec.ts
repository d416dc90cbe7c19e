import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DocReader, isOutput, leftOut } from '../../support/docs/doc-reader.ts';
import { ReaderFolder } from '../../support/docs/reader-folder.ts';
import { indentedBlocksOf, snippetsOf } from '../../support/docs/snippets.ts';
import { typeErrors } from '../../support/docs/type-errors.ts';
import { textOf } from '../../support/fields.ts';
import { freePorts } from '../../support/free-ports.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { accessToken } from '../../support/stream-client.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** What programs on the pages leave to their reader. */
const GIVENS = `
import { readFileSync } from 'node:fs';
const { accountSid, authToken, apiKeys } = JSON.parse(readFileSync('data/credentials.json', 'utf8'));
const [[keySid, keySecret]] = Object.entries(apiKeys);
const { SAMPLE_TOKEN: token, SAMPLE_VERSION, service = '' } = process.env;
const serviceSid = service.split('/').at(-1);
process.env.API_KEY_SECRET = keySecret;
const loadVersion = async () => SAMPLE_VERSION;
const storeVersion = async () => undefined;
const takeSnapshot = async () => undefined;
Object.assign(globalThis, {
  accountSid, authToken, keySid, keySecret, serviceSid, token, loadVersion, storeVersion, takeSnapshot,
});
`;

/** The pages, and how many of their snippets no test runs. Each of those has its reason on the page. */
const PAGES: readonly (readonly [page: string, unrun: number])[] = [
  ['README.md', 0],
  ['CONTRIBUTING.md', 1],
  ['SECURITY.md', 0],
  ['docs/architecture.md', 0],
  ['docs/audit-guide.md', 0],
  ['docs/cli.md', 0],
  ['docs/concepts.md', 0],
  ['docs/console.md', 0],
  ['docs/getting-started.md', 0],
  ['docs/http.md', 0],
  ['docs/migrating-from-twilio.md', 2],
  ['docs/performance.md', 1],
  ['docs/protocol.md', 2],
  ['docs/settings.md', 0],
  ['docs/webhooks.md', 0],
  ['examples/README.md', 0],
  ['libs/client/README.md', 0],
];

describe('The snippets of', () => {
  let folder: ReaderFolder;
  let program: Program;

  beforeAll(async () => {
    const [receiverPort = 0] = await freePorts(1);
    folder = new ReaderFolder(GIVENS, receiverPort);
    program = await startProgram({
      dataDir: folder.dataDir,
      env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' },
    });
    folder.serve(program, await createSample());
  });
  afterAll(async () => {
    await program.stop();
    folder.remove();
  });

  /** A Service in which bob is online. Returns its sid. */
  async function createSample(): Promise<string> {
    const service = await createService(program);
    const users = `/v2/Services/${service}/Users`;
    await program.post(users, { Identity: 'bob' });
    const before = textOf((await program.get(`${users}/bob/Reachability`)).body, 'version');
    await program.post(`${users}/bob/Connections`, { Ttl: '3600' });
    folder.env['SAMPLE_VERSION'] = before;
    folder.env['SAMPLE_TOKEN'] = accessToken(program, service, 'alice');
    return service;
  }

  it('the pages that are JavaScript have the types of the packages that they use', async () => {
    const programs = PAGES.flatMap(([page]) =>
      snippetsOf(readFileSync(join(ROOT, page), 'utf8'))
        .filter((snippet) => /^jsx?$/.test(snippet.language) && leftOut(snippet) === null)
        .map((snippet) => ({ ...snippet, page })),
    );
    expect(programs.length).toBeGreaterThan(3);
    expect(await typeErrors(folder.path, programs)).toBe('');
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

  it('docs/operations.md that are marked "run" do what the page says', async () => {
    const snippets = snippetsOf(readFileSync(join(ROOT, 'docs/operations.md'), 'utf8'));
    const marked = snippets.filter(
      ({ marks, language }, at) =>
        marks.includes('run') ||
        (isOutput(language) && snippets[at - 1]?.marks.includes('run') === true),
    );
    const reader = new DocReader(folder);
    try {
      await reader.follow(marked);
    } finally {
      await reader.close();
    }
  });
});
