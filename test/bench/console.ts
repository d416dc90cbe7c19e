/**
 * Measures the console in Chromium: a list of 10,000 Users at 200 changes a second. Prints how long the tasks of the page's
 * main thread take, its frames, and its heap over time. Run: `node --conditions=source test/bench/console.ts`; the
 * environment variable SECONDS is 60 by default.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { array, number, object, optional, parse, string } from 'valibot';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { startProgram } from '../support/program.ts';
import { Crowd } from './console-crowd.ts';
import { Measurement, printMachine } from './report.ts';

const USERS = 10_000;
const CHANGES_PER_SECOND = 200;
const SECONDS = Number(process.env['SECONDS'] ?? 60);
const SEED = 1;
/** Presses of the key End, each of which may load a page of 100 rows. */
const SCROLLS = 60;
const MEGABYTE = 1_048_576;

/** What Chromium writes into a trace: durations are in microseconds. */
const traceSchema = object({
  traceEvents: array(
    object({ name: string(), pid: number(), tid: number(), dur: optional(number()) }),
  ),
});

printMachine(SEED);
const program = await startProgram({ env: { LOG_LEVEL: 'error' } });
const browser = await ConsoleBrowser.open(program.url);
try {
  const { sid: service } = await program.post('/v2/Services', { FriendlyName: 'Bench' });
  await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
  const crowd = new Crowd(program, service, USERS, SEED);
  await crowd.create();
  const { accountSid: username, authToken: password } = program.credentials;
  const page = await browser.signedIn({ username, password }, `/services/${service}/users`);
  await page.getByText('Live', { exact: true }).waitFor();
  await scroll(page);
  const started = performance.now();
  const changing = crowd.change(CHANGES_PER_SECOND);
  await measure(page);
  crowd.stop();
  await changing;
  const seconds = (performance.now() - started) / 1_000;
  console.log(`changes   ${Math.round(crowd.changes / seconds)}/s`);
} finally {
  await browser.close();
  await program.stop();
}

/** Loads rows as a reader does who scrolls far down, and comes back to the first ones. */
async function scroll(page: Page): Promise<void> {
  const rows = page.getByRole('rowgroup', { name: 'Rows' });
  for (let times = 0; times < SCROLLS; times += 1) {
    await rows.press('End');
    await delay(100);
  }
  await rows.press('Home');
  console.log(`rows      ${await page.locator('.grid-foot').textContent()}`);
}

async function measure(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const printHeap = async (seconds: number): Promise<void> => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const used = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
    console.log(`heap      ${(used / MEGABYTE).toFixed(1)} MB after ${seconds} s`);
  };
  await page.evaluate(
    '(function count() { window.drawn = (window.drawn ?? 0) + 1; requestAnimationFrame(count); })()',
  );
  const sampled = Math.min(SECONDS, 60);
  const started = performance.now();
  await printHeap(0);
  await browser.startTrace(page);
  await delay(sampled * 1_000);
  const tasks = tasksOf(await browser.stopTrace());
  for (let seconds = sampled; seconds < SECONDS; seconds += 60) {
    await printHeap(seconds);
    await delay(Math.min(60, SECONDS - seconds) * 1_000);
  }
  await printHeap(SECONDS);
  const frames = await page.evaluate<number>('window.drawn');
  const elapsed = (performance.now() - started) / 1_000;
  const [half, most, all] = [0.5, 0.99, 1].map((share) => tasks.percentile(share).toFixed(1));
  console.log(
    `tasks     p50 ${half} ms, p99 ${most} ms, longest ${all} ms, of those of 1 ms and more`,
  );
  console.log(`frames    ${Math.round(frames / elapsed)}/s`);
}

/** Returns the durations of the tasks of the page's main thread that took a millisecond or more. */
function tasksOf(trace: string): Measurement {
  const { traceEvents } = parse(traceSchema, JSON.parse(trace));
  const tasks = traceEvents.filter(({ name }) => name === 'RunTask');
  const threads = Map.groupBy(tasks, ({ pid, tid }) => `${pid}/${tid}`);
  const durations = [...threads.values()].map((of) => of.map(({ dur = 0 }) => dur / 1_000));
  // The page works most of all threads that the trace has.
  const total = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0);
  const main = durations.toSorted((one, other) => total(other) - total(one))[0] ?? [];
  const result = new Measurement();
  for (const ms of main) if (ms >= 1) result.record(ms);
  return result;
}
