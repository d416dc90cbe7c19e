import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Program } from '../program.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'node_modules/.bin');
/** Packages that the pages import. */
const PACKAGES = ['react', 'react-dom', 'twilio', 'typescript', '@types', 'jose'];
const CLIENT = {
  name: '@reachability/client',
  type: 'module',
  exports: {
    '.': './src/index.ts',
    './react': './src/react/index.ts',
    './changes': './src/changes/index.ts',
  },
};
/** In a checkout, `npx reachability` is its own command line. */
const NPX = `#!/bin/sh
[ "$1" = reachability ] || { echo "npx $1 is not available here" >&2; exit 1; }
shift
exec ${BIN}/node ${ROOT}/dist/apps/cli/src/main.js "$@"
`;

/** A folder like a checkout in which `npm start` runs: with its data, its examples, its command line and its packages. */
export class ReaderFolder {
  readonly path: string;
  readonly nodeArgs: readonly string[];
  /** Environment of the reader's commands. */
  readonly env: Record<string, string>;
  readonly #receiverPort: number;
  #url: string | null = null;
  #sids: Readonly<Record<'IS' | 'SK', string>> | null = null;

  /**
   * @param givens a module that sets what programs of the page leave to the reader, such as a token
   * @param receiverPort a free port, in place of the 4000 of the pages
   */
  constructor(givens: string, receiverPort: number) {
    this.#receiverPort = receiverPort;
    this.path = mkdtempSync(join(tmpdir(), 'reachability-reader-'));
    for (const name of ['examples', 'libs', 'package.json']) {
      symlinkSync(join(ROOT, name), join(this.path, name));
    }
    mkdirSync(join(this.path, 'bin'));
    writeFileSync(join(this.path, 'bin/npx'), NPX);
    chmodSync(join(this.path, 'bin/npx'), 0o755);
    const client = join(this.path, 'node_modules/@reachability/client');
    mkdirSync(client, { recursive: true });
    writeFileSync(join(client, 'package.json'), JSON.stringify(CLIENT));
    symlinkSync(join(ROOT, 'libs/client/src'), join(client, 'src'));
    for (const name of PACKAGES) {
      symlinkSync(join(ROOT, 'node_modules', name), join(this.path, 'node_modules', name));
    }
    const PATH = `${join(this.path, 'bin')}:${BIN}:${process.env['PATH'] ?? ''}`;
    this.env = { PATH, HOME: this.path };
    const preload = join(this.path, 'givens.mjs');
    writeFileSync(preload, givens);
    this.nodeArgs = ['--disable-warning=ExperimentalWarning', '--import', preload];
  }

  /** Where the program of this folder keeps its data. */
  get dataDir(): string {
    return join(this.path, 'data');
  }

  get url(): string {
    if (this.#url === null) throw new Error('No program runs in the folder');
    return this.#url;
  }

  /** Lets commands and programs of the page reach this program, and use this Service where they say `IS...`. */
  serve({ url, credentials }: Pick<Program, 'url' | 'credentials'>, service: string): void {
    this.#url = url;
    this.env['REACHABILITY_URL'] = url;
    this.#sids = { IS: service, SK: credentials.apiKey.sid };
  }

  /** The text of a page with the addresses and the port that are used here in place of those of the pages. */
  addressed(text: string): string {
    return text
      .replaceAll(
        /http:\/\/127\.0\.0\.1:3000|https:\/\/(?:reach|reachability)\.example\.com/g,
        this.url,
      )
      .replaceAll(/\b4000\b/g, String(this.#receiverPort));
  }

  /** A program of a page, with sids in place of `'IS...'` and `'SK...'`. */
  filledIn(program: string): string {
    return this.addressed(program).replaceAll(
      /'(IS|SK)\.\.\.'/g,
      (_, prefix: 'IS' | 'SK') => `'${this.#sids?.[prefix] ?? ''}'`,
    );
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
