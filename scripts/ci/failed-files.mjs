/**
 * Prints the test files that failed in jest's JSON results, one a line. Exits with 1 if there are no results or too many
 * failures for chance.
 */
import { readFileSync } from 'node:fs';

const MOST = 4;
const text = readFileSync(process.argv[2], 'utf8');
const files =
  text === ''
    ? []
    : JSON.parse(text)
        .testResults.filter(({ status }) => status === 'failed')
        .map(({ name }) => name);
if (files.length === 0 || files.length > MOST) process.exit(1);
console.log(files.join('\n'));
