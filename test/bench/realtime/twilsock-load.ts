import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Load } from './load.ts';
import type { LoadAnswers, LoadRequest } from './load-protocol.ts';

const SCRIPT = fileURLToPath(new URL('twilsock-load-process.ts', import.meta.url));

/** A process of clients, whatever they speak. */
export type Clients = Pick<Load, 'ask' | 'stop'>;

/** A process of Twilsock clients, which can open and collect. */
export class TwilsockLoad implements Clients {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(SCRIPT, { serialization: 'advanced', execArgv: ['--conditions=source'] });
  }

  async ask<Request extends LoadRequest>(request: Request): Promise<LoadAnswers[Request['do']]> {
    const answered = once(this.#child, 'message');
    this.#child.send(request);
    const [answer] = (await answered) as [LoadAnswers[Request['do']]];
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
