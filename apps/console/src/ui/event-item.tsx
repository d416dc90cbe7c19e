import { useState } from 'react';
import { ForeignText } from './foreign-text.tsx';
import type { LogEvent } from '../api/schemas.ts';
import { Moment } from './time.tsx';
import { visibleText } from './visible-text.ts';

/** An event of the log in words. It opens to show where it came from, and its JSON. */
export function EventItem({
  event,
  time = event.occurred_at,
  because,
}: {
  readonly event: LogEvent;
  /** When it took effect, where that is known. */
  readonly time?: string;
  /** What it did to an answer. */
  readonly because?: string;
}) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li className="event">
      <details onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary>
          <span className="event-time muted">
            <Moment iso={time} />
          </span>
          <span className="event-text">
            <ForeignText>{event.description}</ForeignText>
            {because !== undefined && (
              <span className="muted">
                {': '}
                <ForeignText>{because}</ForeignText>
              </span>
            )}
          </span>
          <code className="event-type">{event.type}</code>
        </summary>
        {isOpen && (
          <pre className="event-json" tabIndex={0} aria-label={`JSON of ${event.type}`}>
            {visibleText(JSON.stringify(event, null, 2))}
          </pre>
        )}
      </details>
    </li>
  );
}
