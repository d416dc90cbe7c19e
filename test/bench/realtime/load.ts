import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadAnswers, LoadRequest } from './load-protocol.ts';

/** Protocol of the clients of a process. */
export type ClientProtocol = 'stream' | 'twilsock';

/** A child process with the clients of a bench. */
export class ClientProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(kind: ClientProtocol = 'stream') {
    const script = fileURLToPath(new URL(`${kind}-load-process.ts`, import.meta.url));
    this.#child = fork(script, { serialization: 'advanced', execArgv: ['--conditions=source'] });
    this.#exit = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Sends a request and waits for its answer; one request at a time.
   *
   * @throws Error if the process ends before it answers
   */
  async request<Request extends LoadRequest>(
    request: Request,
  ): Promise<LoadAnswers[Request['do']]> {
    const answered = once(this.#child, 'message');
    this.#child.send(request);
    const ended = this.#exit.then(() => {
      throw new Error(`The client process ended during "${request.do}"`);
    });
    const [answer] = (await Promise.race([answered, ended])) as [LoadAnswers[Request['do']]];
    return answer;
  }

  /** Kills the process, as when a machine with many clients fails. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  /** Ends the process and resets its sockets. */
  async stop(): Promise<void> {
    // After a disconnect it resets its sockets. A kill would leave their ports in a wait state of the kernel.
    if (this.#child.connected) this.#child.disconnect();
    await this.#exit;
  }
}
