/** An event of a stream of Server-Sent Events. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * Reads Server-Sent Events, as HTML specifies them: https://html.spec.whatwg.org/multipage/server-sent-events.html. The
 * browser's own EventSource cannot send credentials in a header.
 */
export class EventStreamParser {
  /** Id to resume from. */
  lastEventId: string | null = null;
  /** Milliseconds to wait before the next connection, where the server has said so. */
  retryMs: number | null = null;
  #rest = '';
  #type = '';
  #data: string[] = [];

  /** Takes the next part of the text, however it was cut, and returns the events that it completes. */
  push(text: string): StreamEvent[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#take(line.replace(/\r$/, '')) ?? []);
  }

  #take(line: string): StreamEvent | null {
    if (line === '') return this.#complete();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id') this.lastEventId = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return null;
  }

  #complete(): StreamEvent | null {
    const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#type = '';
    this.#data = [];
    return isEmpty ? null : event;
  }
}
