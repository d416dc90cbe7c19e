import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadAnswers, LoadRequest } from './load-protocol.ts';

/** What the clients of a process speak. */
export type LoadKind = 'stream' | 'twilsock';

/** A process of clients. */
export class Load {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(kind: LoadKind = 'stream') {
    const script = fileURLToPath(new URL(`${kind}-load-process.ts`, import.meta.url));
    this.#child = fork(script, { serialization: 'advanced', execArgv: ['--conditions=source'] });
    this.#exit = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Asks for something and waits until it is done; one thing at a time.
   *
   * @throws Error where the process ends before it answers
   */
  async ask<Request extends LoadRequest>(request: Request): Promise<LoadAnswers[Request['do']]> {
    const answered = once(this.#child, 'message');
    this.#child.send(request);
    const ended = this.#exit.then(() => {
      throw new Error(`The clients ended when they were asked to ${request.do}`);
    });
    const [answer] = (await Promise.race([answered, ended])) as [LoadAnswers[Request['do']]];
    return answer;
  }

  /** Ends the process, and all its sockets without a word. */
  async stop(): Promise<void> {
    // Disconnected, it resets its sockets: killed, it would leave each port to be waited for by the kernel.
    if (this.#child.connected) this.#child.disconnect();
    await this.#exit;
  }
}
