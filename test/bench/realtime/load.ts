import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadAnswers, LoadRequest } from './load-protocol.ts';

const SCRIPT = fileURLToPath(new URL('load-process.ts', import.meta.url));

/** A process of clients. */
export class Load {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(SCRIPT, { serialization: 'advanced', execArgv: ['--conditions=source'] });
  }

  /** Asks for something and waits until it is done; one thing at a time. */
  async ask<Request extends LoadRequest>(request: Request): Promise<LoadAnswers[Request['do']]> {
    const answered = once(this.#child, 'message');
    this.#child.send(request);
    const [answer] = (await answered) as [LoadAnswers[Request['do']]];
    return answer;
  }

  /** Ends the process, and all its sockets without a word. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
