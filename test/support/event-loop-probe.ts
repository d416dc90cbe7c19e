import { request } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const PROBE = pathToFileURL(resolve(import.meta.dirname, '../fixtures/event-loop-probe.ts'));

/** Measures the turns of the event loop of a program that is started with its {@link env}. */
export class EventLoopProbe {
  readonly #directory = mkdtempSync(join(tmpdir(), 'reachability-probe-'));

  get env(): Readonly<Record<string, string>> {
    return { EVENT_LOOP_PROBE: this.#socket, NODE_OPTIONS: `--import=${PROBE.href}` };
  }

  get #socket(): string {
    return join(this.#directory, 'socket');
  }

  /** Returns the processor time of the longest turn since the last call, in milliseconds. */
  async longestTurn(): Promise<number> {
    const answer = await new Promise<string>((resolve, reject) => {
      request({ socketPath: this.#socket, agent: false }, (incoming) => {
        text(incoming).then(resolve, reject);
      })
        .on('error', reject)
        .end();
    });
    return Number(answer);
  }

  /** Returns the processor time of the longest turn while `act` runs, in milliseconds. */
  async during(act: () => Promise<unknown>): Promise<number> {
    await this.longestTurn();
    await act();
    return this.longestTurn();
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
