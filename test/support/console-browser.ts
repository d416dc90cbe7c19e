import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from './chromium.ts';
import type { BasicCredentials } from './http-client.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Longest time for anything to appear on a page. */
const PATIENCE_MS = 30_000;

/** A problem with the accessibility of a page. */
export interface AccessibilityProblem {
  readonly rule: string;
  readonly elements: readonly string[];
}

/** A browser that looks at the console of one service, and notes what a page must never do. */
export class ConsoleBrowser {
  /** Errors of scripts, violations of the content security policy, and requests to other origins. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #url: string;

  private constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.#url = url;
  }

  /** @throws Error if there is no browser */
  static async open(url: string): Promise<ConsoleBrowser> {
    return new ConsoleBrowser(await launchBrowser(), url);
  }

  /** Opens a page of the console, which asks for credentials. */
  async page(path = '', options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => void this.complaints.push(error.message));
    page.on('console', (message) => {
      // The browser itself reports answers such as 401, which pages expect.
      const isAnswer = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isAnswer) this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (origin !== new URL(this.#url).origin) this.complaints.push(`request to ${origin}`);
    });
    await page.goto(`${this.#url}/console${path}`);
    return page;
  }

  /** Opens a page of the console, as the holder of these credentials. */
  async signedIn(
    credentials: BasicCredentials,
    path = '',
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const page = await this.page(path, options);
    await signIn(page, credentials);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    return page;
  }

  /** Shows another page of the console, as its links do. */
  async follow(page: Page, path: string): Promise<void> {
    const to = JSON.stringify(new URL(`${this.#url}/console${path}`).pathname);
    await page.evaluate(
      `history.pushState({}, '', ${to}), dispatchEvent(new PopStateEvent('popstate'))`,
    );
  }

  /** Begins to record what the threads of a page do. */
  async startTrace(page: Page): Promise<void> {
    await this.#browser.startTracing(page);
  }

  /** Returns the recording, as JSON. */
  async stopTrace(): Promise<string> {
    return (await this.#browser.stopTracing()).toString('utf8');
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** Fills the form and presses Enter. */
export async function signIn(page: Page, { username, password }: BasicCredentials): Promise<void> {
  await page.getByLabel('Account or API key SID').fill(username);
  await page.getByLabel('Secret').fill(password);
  await page.getByLabel('Secret').press('Enter');
}

/** Returns what axe finds on a page as it is shown now. */
export async function accessibilityProblems(page: Page): Promise<readonly AccessibilityProblem[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.map(({ id, nodes }) => ({ rule: id, elements: nodes.map(({ html }) => html) })))`);
}
