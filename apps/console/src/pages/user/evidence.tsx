import type { Explanation } from '../../api/schemas.ts';
import { EventItem } from '../../ui/event-item.tsx';

/** The events that make the answer what it is, oldest first. */
export function Evidence({ explanation }: { readonly explanation: Explanation }) {
  return (
    <section aria-labelledby="why" className="section">
      <h2 id="why" className="section-title">
        Why
      </h2>
      <ol className="events">
        {explanation.events.map(({ because, time, ...event }) => (
          <EventItem key={event.id} event={event} time={time} because={because} />
        ))}
      </ol>
    </section>
  );
}
