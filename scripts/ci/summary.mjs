/**
 * Prints the minutes of each group of test files, and then `N passed, N failed, N skipped`, from jest's JSON results. Files
 * that were run again count with their second result. Several files run at once: all minutes together are more than the
 * run took.
 */
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';

const [first, second] = process.argv.slice(2).map((path) => {
  const text = readFileSync(path, 'utf8');
  return text === '' ? [] : JSON.parse(text).testResults;
});
const repeated = new Set(second.map(({ name }) => name));
const suites = [...first.filter(({ name }) => !repeated.has(name)), ...second];
const count = (...statuses) =>
  suites
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => statuses.includes(status)).length;
// A suite that cannot be loaded has no tests to count, yet it failed.
const unloaded = suites.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
).length;
const failed = first.length === 0 ? 1 : count('failed') + unloaded;

/** Returns `libs`, `apps`, `test/e2e` or a folder of test/conformance, for the path of a test file. */
function groupOf(path) {
  const [top, tier, folder, file] = relative(process.cwd(), path).split(sep);
  if (top !== 'test') return top;
  return tier === 'conformance' && file !== undefined ? `${tier}/${folder}` : tier;
}
const minutes = {};
for (const { name, startTime, endTime } of suites) {
  const group = groupOf(name);
  minutes[group] = (minutes[group] ?? 0) + (endTime - startTime) / 60_000;
}
const spent = Object.entries(minutes).map(([group, sum]) => `${group} ${sum.toFixed(1)}`);
console.log(`Minutes of test files: ${spent.sort().join(', ')}`);
console.log(`${count('passed')} passed, ${failed} failed, ${count('pending', 'todo')} skipped`);
