/**
 * Collects garbage now, where the process was started so that it can (`--expose-gc`). By itself V8 first lets it
 * grow, and what the heap once took stays with the process.
 */
export function collectGarbage(): void {
  globalThis.gc?.();
}
