/**
 * Measures the console in Chromium: a list of Users at 200 changes a second. All of its rows are loaded. Prints how long the
 * tasks of the page's main thread take while somebody scrolls through them and afterwards, its frames, and its heap over
 * time. Run: `node --conditions=source test/bench/console.ts`; the environment variables USERS and SECONDS are 10,000 and
 * 60 by default.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { array, number, object, optional, parse, string } from 'valibot';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { startProgram } from '../support/program.ts';
import { Crowd } from './console-crowd.ts';
import { Measurement, printMachine } from './report.ts';

const USERS = Number(process.env['USERS'] ?? 10_000);
const CHANGES_PER_SECOND = 200;
const SECONDS = Number(process.env['SECONDS'] ?? 60);
const SEED = 1;
/** Turns of the wheel while the list is scrolled, from its first row to its last one. */
const TURNS = 200;
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
  await loadAll(page);
  const started = performance.now();
  const changing = crowd.change(CHANGES_PER_SECOND);
  await scrollThrough(page);
  await measure(page);
  crowd.stop();
  await changing;
  const seconds = (performance.now() - started) / 1_000;
  console.log(`changes   ${Math.round(crowd.changes / seconds)}/s`);
} finally {
  await browser.close();
  await program.stop();
}

/** Loads all rows, as a reader does who goes to the end again and again, and comes back to the first ones. */
async function loadAll(page: Page): Promise<void> {
  const rows = page.getByRole('rowgroup', { name: 'Rows' });
  const foot = page.locator('.grid-foot');
  while ((await foot.textContent())?.includes('more as you scroll') === true) {
    await rows.press('End');
    await delay(20);
  }
  await rows.press('Home');
  console.log(`rows      ${await foot.textContent()}`);
}

/** Turns the wheel from the first row to the last one, and prints how long the tasks took. */
async function scrollThrough(page: Page): Promise<void> {
  const rows = page.getByRole('rowgroup', { name: 'Rows' });
  const height = Number(
    await page.evaluate(`document.querySelector('.grid-viewport').scrollHeight`),
  );
  await rows.hover();
  await browser.startTrace(page);
  for (let turn = 0; turn < TURNS; turn += 1) {
    await page.mouse.wheel(0, height / TURNS);
    await delay(50);
  }
  printTasks('scrolling', tasksOf(await browser.stopTrace()));
  await rows.press('Home');
}

function printTasks(when: string, tasks: Measurement): void {
  const [half, most, all] = [0.5, 0.99, 1].map((share) => tasks.percentile(share).toFixed(1));
  console.log(
    `${when.padEnd(9)} tasks p50 ${half} ms, p99 ${most} ms, longest ${all} ms, of those of 1 ms and more`,
  );
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
  printTasks('watching', tasks);
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
