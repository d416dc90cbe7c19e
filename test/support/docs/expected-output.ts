import { inspect, isDeepStrictEqual } from 'node:util';

/** What differs from one run to the next: how a page may show it, and what stands for all of its values. */
const VARIABLES: readonly { readonly shown: RegExp; readonly real: (shown: string) => string }[] = [
  {
    shown: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/,
    real: () => String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`,
  },
  { shown: /[0-9a-f]{8}:\d{20}/, real: () => String.raw`[0-9a-f]{8}:\d{20}` },
  {
    shown: /\b(?:AC|IS|US|CN|BS|SK|WD|JB|RL)(?:[0-9a-f]{32}|\.{2,3})/,
    real: (sid) => `${sid.slice(0, 2)}[0-9a-f]{32}`,
  },
  { shown: /\b\d{20}\b/, real: () => String.raw`\d{20}` },
  { shown: /\.\.\./, real: () => '.*' },
];
const VARIABLE = new RegExp(VARIABLES.map(({ shown }) => shown.source).join('|'), 'g');
/** Stands for the rest of an object or a list, and for any lines of a text. */
const REST = '...';

/**
 * Returns whether an output is that of a page. Sids, times, versions and positions may be others, `...` stands for any text
 * and, as a line, for any lines. Runs of spaces may have another length.
 */
export function isTextLike(shown: string, real: string): boolean {
  return new RegExp(`^${textPattern(shown)}$`).test(
    `${real.replaceAll(/[ \r]+$/gm, '').trimEnd()}\n`,
  );
}

/** Returns whether an output begins like that of a page, as {@link isTextLike} compares them. */
export function beginsLike(shown: string, real: string): boolean {
  return new RegExp(`^${textPattern(shown)}`).test(real);
}

/**
 * Returns where a JSON document has another shape than that of a page, or null. Numbers may be others; texts that are sids,
 * times, versions or addresses, too. `...` at the end of an object or a list stands for more of it.
 */
export function findDifference(shown: string, real: unknown): string | null {
  return compare(parseShown(shown), real, '$');
}

function parseShown(text: string): unknown {
  const closed = text
    .replace(/,?\s*\.\.\.(?=\s*\})/g, (rest) => `${rest.startsWith(',') ? ',' : ''}"${REST}":0`)
    .replace(/,?\s*\.\.\.(?=\s*\])/g, (rest) => `${rest.startsWith(',') ? ',' : ''}"${REST}"`);
  return JSON.parse(closed) as unknown;
}

function compare(shown: unknown, real: unknown, path: string): string | null {
  const differs = `${path}: the page has ${inspect(shown, { depth: 1 })}, the program ${inspect(real, { depth: 1 })}`;
  if (Array.isArray(shown)) return Array.isArray(real) ? compareLists(shown, real, path) : differs;
  if (isObject(shown)) return isObject(real) ? compareObjects(shown, real, path) : differs;
  if (typeof shown === 'number') return typeof real === 'number' ? null : differs;
  if (typeof shown === 'string' && typeof real === 'string') {
    return isTextLike(shown, real) ? null : differs;
  }
  return isDeepStrictEqual(shown, real) ? null : differs;
}

function compareLists(shown: readonly unknown[], real: readonly unknown[], path: string) {
  const isOpen = shown.at(-1) === REST;
  const items = isOpen ? shown.slice(0, -1) : shown;
  if (isOpen ? real.length < items.length : real.length !== items.length) {
    return `${path}: the page has ${items.length} items, the program ${real.length}`;
  }
  return firstOf(items.map((item, at) => compare(item, real[at], `${path}[${at}]`)));
}

function compareObjects(
  { [REST]: rest, ...shown }: Readonly<Record<string, unknown>>,
  real: Readonly<Record<string, unknown>>,
  path: string,
): string | null {
  const more = Object.keys(real).filter((key) => !(key in shown));
  if (rest === undefined && more.length > 0) return `${path}: the page lacks ${more.join(', ')}`;
  return firstOf(
    Object.entries(shown).map(([key, value]) =>
      key in real
        ? compare(value, real[key], `${path}.${key}`)
        : `${path}: the program lacks ${key}`,
    ),
  );
}

function textPattern(shown: string): string {
  return shown
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === REST ? '(?:.*\n)*?' : `${linePattern(line)}\n`))
    .join('');
}

function linePattern(line: string): string {
  let pattern = '';
  let end = 0;
  for (const { 0: text, index } of line.matchAll(VARIABLE)) {
    const variable = VARIABLES.find(({ shown }) => new RegExp(`^(?:${shown.source})$`).test(text));
    pattern += literal(line.slice(end, index)) + (variable?.real(text) ?? literal(text));
    end = index + text.length;
  }
  return pattern + literal(line.slice(end));
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`).replace(/ +/g, ' +');
}

function firstOf(differences: readonly (string | null)[]): string | null {
  return differences.find((difference) => difference !== null) ?? null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
