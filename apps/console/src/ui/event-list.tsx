import { useState } from 'react';
import { eventSchema } from '../api/schemas.ts';
import { usePages } from '../api/use-pages.ts';
import { EventItem } from './event-item.tsx';
import { List } from './list.tsx';

/** All events of a stream, newest first, of all types or of one. */
export function EventList({
  path,
  types,
}: {
  readonly path: string;
  readonly types: readonly string[];
}) {
  const [type, setType] = useState('');
  const pages = usePages({
    path,
    key: 'events',
    schema: eventSchema,
    parameters: { Type: type === '' ? undefined : type },
  });
  return (
    <>
      <div className="toolbar">
        <label className="inline-field">
          <span>Type</span>
          <select value={type} onChange={(event) => setType(event.target.value)}>
            <option value="">all</option>
            {types.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </div>
      <List pages={pages} what="events" empty={<p className="muted">There is no such event.</p>}>
        {(items) => (
          <ol className="events">
            {items.map((event) => (
              <EventItem key={event.id} event={event} />
            ))}
          </ol>
        )}
      </List>
    </>
  );
}
