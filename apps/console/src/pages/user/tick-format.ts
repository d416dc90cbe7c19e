const SECONDS = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const MINUTES = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const DAYS = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const MONTHS = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' });

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MONTH_MS = 28 * DAY_MS;

/** Returns how to write times that are that far apart, in the zone of the browser. Midnight is written as its day. */
export function tickFormat(stepMs: number): (time: Date) => string {
  if (stepMs >= MONTH_MS) return (time) => MONTHS.format(time);
  if (stepMs >= DAY_MS) return (time) => DAYS.format(time);
  const format = stepMs < MINUTE_MS ? SECONDS : MINUTES;
  return (time) => {
    const isMidnight = time.getHours() === 0 && time.getMinutes() === 0 && time.getSeconds() === 0;
    return (isMidnight ? DAYS : format).format(time);
  };
}
