import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { getRatio } from './get.ts';
import { appendRatio, rebuildRatio } from './log.ts';
import { connectRatio, deliveryRatio } from './sockets.ts';

const RECORDED = resolve(import.meta.dirname, 'ratios.json');

/** A guarded ratio falls to this share of the recorded one only when something has collapsed. */
export const COLLAPSE = 0.5;

/** What the guard measures, each as a ratio to a bare baseline by processor time. */
export const GUARDED = {
  'GET of a User': getRatio,
  connect: connectRatio,
  delivery: deliveryRatio,
  'append, 64 at a time': appendRatio,
  'rebuild of users': () => rebuildRatio('users'),
  'rebuild of timeline': () => rebuildRatio('timeline'),
} as const;

export type Guarded = keyof typeof GUARDED;

export type Ratios = Readonly<Record<Guarded, number>>;

/** Ratios of the last run of `npm run bench -- guard --write`. */
export function recordedRatios(): Ratios {
  return JSON.parse(readFileSync(RECORDED, 'utf8')) as Ratios;
}

export function recordRatios(ratios: Ratios): void {
  writeFileSync(RECORDED, `${JSON.stringify(ratios, null, 2)}\n`);
}
