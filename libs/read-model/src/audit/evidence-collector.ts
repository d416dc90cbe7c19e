import { nodeStream, type Incarnation } from '#domain';
import type { AuditedEvent } from './effective-times.ts';

/** An event and its effect on the answer. */
export interface Evidence extends AuditedEvent {
  readonly because: string;
}

/** Collects events of a history, each with the first reason given for it. */
export class EvidenceCollector {
  readonly #events: readonly AuditedEvent[];
  readonly #byPosition: ReadonlyMap<string, AuditedEvent>;
  readonly #found = new Map<AuditedEvent, string>();

  /** @param events the history, in log order */
  constructor(events: readonly AuditedEvent[]) {
    this.#events = events;
    this.#byPosition = new Map(events.map((event) => [event.recorded.position, event]));
  }

  at(position: string | null): AuditedEvent | undefined {
    return position === null ? undefined : this.#byPosition.get(position);
  }

  /** The ConnectionOpened of a Connection, before another event. */
  opening(connectionSid: string, before: AuditedEvent): AuditedEvent | undefined {
    return this.#events.findLast(
      ({ event, recorded }) =>
        event.type === 'ConnectionOpened' &&
        event.data.connectionSid === connectionSid &&
        recorded.position < before.recorded.position,
    );
  }

  add(event: AuditedEvent | null | undefined, because: string): void {
    if (event === null || event === undefined || this.#found.has(event)) return;
    this.#found.set(event, because);
  }

  /** Adds a ConnectionOpened and its close, without which it would still be open. */
  addConnection(opened: AuditedEvent | undefined, because: string): void {
    if (opened?.event.type !== 'ConnectionOpened') return;
    const { connectionSid } = opened.event.data;
    const closed = this.#events.find(
      ({ event, recorded }) =>
        event.type === 'ConnectionClosed' &&
        event.data.connectionSid === connectionSid &&
        recorded.position > opened.recorded.position,
    );
    this.add(opened, because);
    this.add(closed, 'that connection closed again');
  }

  /** Adds the start and the end of a node's incarnation. */
  addNode(node: Incarnation | null, because: string): void {
    if (node === null) return;
    for (const found of this.#events) {
      const { recorded, event } = found;
      if (recorded.stream !== nodeStream(node.nodeId) || !('incarnation' in event.data)) continue;
      if (event.data.incarnation === node.incarnation) this.add(found, because);
    }
  }

  inOrder(): Evidence[] {
    return this.#events.flatMap((event) => {
      const because = this.#found.get(event);
      return because === undefined ? [] : [{ ...event, because }];
    });
  }
}
