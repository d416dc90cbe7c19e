/** An event of a stream of Server-Sent Events. `data` is one JSON document, which has no line breaks. */
interface SentEvent {
  readonly event: string;
  readonly id: string;
  readonly data: object;
}

/** Media type of a stream of Server-Sent Events. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Returns the text of an event: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function eventText({ event, id, data }: SentEvent): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Returns a comment that keeps the connection open, with the id from which a client resumes that gets nothing else. */
export function heartbeatText(id: string): string {
  return `:\nid: ${id}\n\n`;
}

/** Returns the time after which a client reconnects, in milliseconds. */
export function retryText(ms: number): string {
  return `retry: ${ms}\n\n`;
}
