/**
 * Writes the tables of the tested versions of Twilio's packages, in the README and in the migration guide, from the results
 * of the tests.
 *
 * Usage: node scripts/twilio-versions.mjs [--check] [jest's JSON results ...]
 *
 * Without `--check`, records the results, and writes the tables. With it, prints each difference, with exit code 1: of the
 * tables from the recorded results, of these from the pinned versions, and of given results from the recorded ones.
 * Clients whose tests were skipped keep their recorded result.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clientTrees } from '../test/twilio-clients/trees.ts';

const ROOT = resolve(import.meta.dirname, '..');
const RECORD = join(ROOT, 'test/twilio-clients/results.json');
const PAGES = ['README.md', 'docs/migrating-from-twilio.md'];
const TABLE = /(<!-- twilio-versions -->\n\n)[^]*?(<!-- \/twilio-versions -->)/;
/** Titles that `describeClient` gives to tests. */
const TITLE = /^(\S+) (\d\S*?)( with twilio-sync \S+)? in (Node\.js|Chromium|Python)$/;

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean' } },
  allowPositionals: true,
});

/** Returns whether all tests of a client passed, by title. Later files replace the results of earlier ones. */
function readResults(files) {
  const results = {};
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const tests =
      text === '' ? [] : JSON.parse(text).testResults.flatMap((suite) => suite.assertionResults);
    const clients = Object.groupBy(tests, ({ ancestorTitles }) => ancestorTitles[0] ?? '');
    for (const [title, ofClient] of Object.entries(clients)) {
      if (!TITLE.test(title) || ofClient.some(({ status }) => status === 'pending')) continue;
      results[title] = ofClient.every(({ status }) => status === 'passed');
    }
  }
  return results;
}

/** Returns the titles that the pinned versions ask for. Python's helper is the one that is installed. */
function pinnedTitles() {
  return clientTrees().flatMap(({ package: name, version, sync }) => {
    const client = `${name} ${version}${sync === null ? '' : ` with twilio-sync ${sync}`}`;
    const inBrowser = name !== 'twilio' && sync === null;
    return [`${client} in Node.js`, ...(inBrowser ? [`${client} in Chromium`] : [])];
  });
}

function table(results) {
  const passed = Object.keys(results).filter((title) => results[title]);
  const tested = passed.map((title) => {
    const [, name, version, sync = '', where] = TITLE.exec(title);
    return { name, version: version + sync, where };
  });
  const rows = Object.values(Object.groupBy(tested, ({ name, where }) => `${name} ${where}`)).map(
    (clients) => {
      const [{ name, where }] = clients;
      return `| \`${name}\` | ${where} | ${clients.map(({ version }) => version).join(', ')} |`;
    },
  );
  return ['| package | in | tested versions |', '| --- | --- | --- |', ...rows, '', ''].join('\n');
}

const record = JSON.parse(readFileSync(RECORD, 'utf8'));
const given = readResults(positionals);
if (values.check) {
  const problems = [];
  for (const title of pinnedTitles()) {
    if (!(title in record)) problems.push(`There is no result of ${title}`);
  }
  const pinned = new Set(pinnedTitles());
  for (const title of Object.keys(record)) {
    if (!pinned.has(title) && !title.endsWith(' in Python')) {
      problems.push(`There is a result of ${title}, which is not pinned`);
    }
  }
  for (const [title, passed] of Object.entries(given)) {
    if (title in record && record[title] !== passed) {
      problems.push(`${title} ${passed ? 'passed' : 'failed'}, and another result is recorded`);
    }
  }
  for (const page of PAGES) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    if (text.replace(TABLE, (_, start, end) => start + table(record) + end) !== text) {
      problems.push(`The table of ${page} is not that of the results`);
    } else if (!TABLE.test(text)) problems.push(`${page} has no table of versions`);
  }
  if (problems.length > 0) {
    console.error(`${problems.join('\n')}\nnpm run twilio-versions tests and records them`);
    process.exitCode = 1;
  }
} else {
  const pinned = pinnedTitles();
  const all = { ...record, ...given };
  const python = Object.keys(given).some((title) => title.endsWith(' in Python')) ? given : record;
  const titles = [
    ...pinned,
    ...Object.keys(python).filter((title) => title.endsWith(' in Python')),
  ];
  const kept = Object.fromEntries(
    titles.filter((title) => title in all).map((title) => [title, all[title]]),
  );
  writeFileSync(RECORD, `${JSON.stringify(kept, null, 2)}\n`);
  for (const page of PAGES) {
    const path = join(ROOT, page);
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(TABLE, (_, start, end) => start + table(kept) + end),
    );
  }
}
