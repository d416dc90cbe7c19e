import { installTrees } from './install.ts';

/** Installs what is missing of Twilio's packages before the tests that use them, once for all of jest's workers. */
export default async function installTwilioClients(): Promise<void> {
  for (const { tree, reason } of await installTrees()) {
    process.stderr.write(`Tests of ${tree} are skipped, because it is not installed: ${reason}\n`);
  }
}
