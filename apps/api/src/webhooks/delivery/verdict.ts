import { backOffMs } from '#event-store';
import type { Delivery, DeliveryOutcome } from '#operational-state';
import type { SendResult } from './http-sender.ts';

/** Waits between attempts. */
const BACK_OFF = { baseMs: 1_000, capMs: 3_600_000 };

/** Answers of the 4xx kind that say "later", not "no". */
const LATER = new Set([408, 425, 429]);

/**
 * What a result means for a delivery. A receiver that answers with anything but success, a server error or
 * "later" has understood and refused: sending the same again would only hold back what comes after.
 *
 * @param now milliseconds since the epoch
 * @param random from 0 to 1
 */
export function verdictOf(
  result: SendResult,
  { attempts, giveUpAt }: Pick<Delivery, 'attempts' | 'giveUpAt'>,
  now: number,
  random: number,
): DeliveryOutcome {
  if (result.kind === 'forbidden') {
    return { status: 'dead', responseCode: null, error: result.error, attempted: true };
  }
  const responseCode = result.kind === 'answered' ? result.status : null;
  const error = result.kind === 'answered' ? `Answered ${result.status}` : result.error;
  if (responseCode !== null) {
    if (responseCode >= 200 && responseCode < 300) return { status: 'delivered', responseCode };
    if (responseCode < 500 && !LATER.has(responseCode)) {
      return { status: 'dead', responseCode, error, attempted: true };
    }
  }
  const asked = result.kind === 'answered' ? waitAskedFor(result.retryAfter, now) : 0;
  const waitMs = backOffMs(BACK_OFF, attempts + 1, random);
  const nextAttemptAt = Math.round(now + Math.max(waitMs, Math.min(asked, BACK_OFF.capMs)));
  if (nextAttemptAt >= giveUpAt) return { status: 'dead', responseCode, error, attempted: true };
  return { status: 'failed', responseCode, error, nextAttemptAt };
}

/** Milliseconds that a Retry-After header asks for, in seconds or as a date; 0 where it says neither. */
function waitAskedFor(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
