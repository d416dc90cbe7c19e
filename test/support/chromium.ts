import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const PATHS = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'];
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];

/** Path of the browser; CHROMIUM names another one. Undefined if there is none. */
export const chromiumPath = PATHS.find((path) => path !== undefined && existsSync(path));

/** Starts a browser that the test drives. @throws Error if there is none */
export async function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('There is no browser');
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS });
}

/** A headless browser with a profile of its own. */
export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string;

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child;
    this.#profile = profile;
  }

  /** Opens a page. @throws Error if there is no browser */
  static open(url: string): Chromium {
    if (chromiumPath === undefined) throw new Error('There is no browser');
    const profile = mkdtempSync(join(tmpdir(), 'reachability-browser-'));
    const args = [...FLAGS, '--no-first-run', `--user-data-dir=${profile}`, url];
    return new Chromium(spawn(chromiumPath, args, { stdio: 'ignore' }), profile);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill();
      await exited;
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
