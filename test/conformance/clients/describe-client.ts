import { describe } from '@jest/globals';
import { clientTrees, isInstalled, type ClientTree } from '../../twilio-clients/trees.ts';

/** Trees of Twilio's client SDKs. */
export const SDK_TREES = clientTrees().filter(({ package: name }) => name !== 'twilio');
/** Trees of Twilio's REST helper. */
export const HELPER_TREES = clientTrees().filter(({ package: name }) => name === 'twilio');

/** Describes the tests of a client, named like `twilio-chat 3.4.0 in Node.js`. They are skipped if it is not installed. */
export function describeClient(
  tree: ClientTree,
  where: string,
  tests: () => void,
  { isPossible = true } = {},
): void {
  const describeIf = isPossible && isInstalled(tree) ? describe : describe.skip;
  describeIf(`${clientName(tree)} in ${where}`, tests);
}

/** Returns the name of a client in test results: `twilio-chat 6.0.0 with twilio-sync 3.0`. */
export function clientName({ package: name, version, sync }: ClientTree): string {
  return `${name} ${version}${sync === null ? '' : ` with twilio-sync ${sync}`}`;
}
