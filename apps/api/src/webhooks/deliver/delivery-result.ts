import { backOffMs } from '#event-store';
import type { Delivery, DeliveryOutcome } from '#operational-state';
import type { SendResult } from './http-sender.ts';

/** Waits between attempts. */
const BACK_OFF = { baseMs: 1_000, capMs: 3_600_000 };

/** 4xx responses that ask for another attempt. */
const RETRYABLE_4XX = new Set([408, 425, 429]);

/**
 * Returns what a result means for a delivery: delivered, failed (retried later) or dead. A 3xx response and most
 * 4xx responses are final: sending the same request again would only delay the deliveries behind it.
 *
 * @param now milliseconds since the epoch
 * @param random from 0 to 1
 */
export function deliveryResultOf(
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
    if (responseCode < 500 && !RETRYABLE_4XX.has(responseCode)) {
      return { status: 'dead', responseCode, error, attempted: true };
    }
  }
  const requestedMs = result.kind === 'answered' ? retryAfterMs(result.retryAfter, now) : 0;
  const waitMs = backOffMs(BACK_OFF, attempts + 1, random);
  const nextAttemptAt = Math.round(now + Math.max(waitMs, Math.min(requestedMs, BACK_OFF.capMs)));
  if (nextAttemptAt >= giveUpAt) return { status: 'dead', responseCode, error, attempted: true };
  return { status: 'failed', responseCode, error, nextAttemptAt };
}

/** Milliseconds to wait by a Retry-After header in seconds or as a date; 0 without a valid one. */
function retryAfterMs(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
