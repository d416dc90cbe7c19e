import { StreamClient } from '../stream-client.ts';
import { findDifference } from './expected-output.ts';

/**
 * The socket of a page. A transcript has a line for each step: `> GET <path>` opens a socket, `> {...}` is a frame of the
 * client, `< {...}` the next frame of the server, `< close <code>` its end.
 */
export class FrameTranscript {
  readonly #url: string;
  #client: StreamClient | null = null;

  constructor(url: string) {
    this.#url = url.replace(/^http/, 'ws');
  }

  /** Carries out a transcript on the socket that is open. @throws Error at the first step that differs */
  async follow(transcript: string): Promise<void> {
    for (const step of stepsOf(transcript)) {
      const difference = await this.#take(step);
      if (difference !== null) throw new Error(`${step}\n${difference}`);
    }
  }

  close(): void {
    this.#client?.terminate();
  }

  async #take(step: string): Promise<string | null> {
    const [, path] = /^> GET (\S+)$/.exec(step) ?? [];
    if (path !== undefined) {
      this.close();
      this.#client = new StreamClient(`${this.#url}${path}`);
      await this.#client.opened();
      return null;
    }
    const client = this.#client;
    if (client === null) return 'There is no socket';
    const [, code] = /^< close (\d+)$/.exec(step) ?? [];
    if (code !== undefined) {
      const closed = await client.closed;
      return closed.code === Number(code) ? null : `The socket closed with ${closed.code}`;
    }
    if (step.startsWith('< ')) return findDifference(step.slice(2), await client.next());
    client.send(JSON.parse(step.slice(2)));
    return null;
  }
}

/** A step goes on in the lines that do not begin with an arrow. */
function stepsOf(transcript: string): string[] {
  return transcript
    .trim()
    .split(/\n(?=[<>] )/)
    .map((step) => step.replace(/\n\s*/g, ''));
}
