/**
 * Prints `N passed, N failed, N skipped` from jest's JSON results. Files that were run again count with their second
 * result.
 */
import { readFileSync } from 'node:fs';

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
console.log(`${count('passed')} passed, ${failed} failed, ${count('pending', 'todo')} skipped`);
