/** `<epoch>:<position>`. The epoch names the store; positions are of fixed width and compare as strings within it. */
export type Version = string;

function epochOf(version: Version): string {
  return version.slice(0, Math.max(version.lastIndexOf(':'), 0));
}

export function isOfSameEpoch(a: Version, b: Version): boolean {
  return epochOf(a) === epochOf(b);
}

/** Whether something of version `candidate` overrides what is known: it is later, or of another store. */
export function overrides(candidate: Version, known: Version | null): boolean {
  return known === null || !isOfSameEpoch(candidate, known) || candidate > known;
}

/** The later of two versions; of two epochs, the one that was heard last. */
export function later(known: Version | null, heard: Version): Version {
  return known !== null && !overrides(heard, known) ? known : heard;
}
