import { inAgo } from './durations.ts';
import { useNow } from './now.ts';

const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Returns a time in the zone of the browser. */
export function inFull(iso: string): string {
  return FULL.format(new Date(iso));
}

/** How long ago a time was. Its title is the time itself. */
export function Ago({ iso }: { readonly iso: string }) {
  const now = useNow();
  return (
    <time className="time" dateTime={iso} title={`${inFull(iso)} (${iso})`}>
      {inAgo(now - Date.parse(iso))}
    </time>
  );
}

/** A time, to the second. */
export function Moment({ iso }: { readonly iso: string }) {
  return (
    <time className="time" dateTime={iso} title={iso}>
      {inFull(iso)}
    </time>
  );
}
