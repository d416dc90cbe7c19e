/** `<epoch>:<position>`. The epoch names the store. Within it, positions have a fixed width and sort as strings. */
export type Version = string;

function epochOf(version: Version): string {
  return version.slice(0, Math.max(version.lastIndexOf(':'), 0));
}

export function isOfSameEpoch(a: Version, b: Version): boolean {
  return epochOf(a) === epochOf(b);
}

/** Whether data of version `candidate` replaces known data: it is later, or from another store. */
export function overrides(candidate: Version, known: Version | null): boolean {
  return known === null || !isOfSameEpoch(candidate, known) || candidate > known;
}

/** Returns the later version. Between two epochs, `heard` wins. */
export function later(known: Version | null, heard: Version): Version {
  return known !== null && !overrides(heard, known) ? known : heard;
}
