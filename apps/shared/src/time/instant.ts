const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/i;

/**
 * Parses an unambiguous ISO 8601 time: a date (midnight UTC), or a date and a time with its zone. Returns it in UTC
 * with milliseconds, as in events, so that strings compare as times; null if the text is not such a time.
 */
export function parseInstant(text: string): string | null {
  if (!ISO_TIME.test(text)) return null;
  const time = new Date(text.replace(/([+-]\d{2})(\d{2})$/, hasTime(text) ? '$1:$2' : '$&'));
  if (Number.isNaN(time.getTime()) || !isRealDate(text)) return null;
  return time.toISOString();
}

function hasTime(text: string): boolean {
  return /T/i.test(text);
}

/** Rejects 30 February, which `Date` turns into 2 March. */
function isRealDate(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
