import { latest, type Position, type SeenEvent, type SubscriptionMessage } from '#event-store';

/** Position after a batch. An early checkpoint message never moves it back. */
export function reachedPosition(
  batch: readonly SubscriptionMessage[],
  before: Position | null,
): Position | null {
  return batch.reduce((reached, message) => {
    const position = message.kind === 'event' ? message.event.position : message.position;
    return latest(reached, position);
  }, before);
}

/** The last event of a batch whose id is known; null if there is none. */
export function lastEventOf(batch: readonly SubscriptionMessage[]): SeenEvent | null {
  for (let index = batch.length - 1; index >= 0; index -= 1) {
    const message = batch[index];
    if (message === undefined) continue;
    if (message.kind === 'event') {
      const { position, id } = message.event;
      return { position, id };
    }
    if (message.kind === 'checkpoint' && message.position !== null && message.eventId !== undefined)
      return { position: message.position, id: message.eventId };
  }
  return null;
}
