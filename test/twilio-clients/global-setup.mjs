import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Installs what is missing of Twilio's packages before the tests that use them, once for all of jest's workers. In a
 * process of its own, because jest compiles what this file imports.
 */
export default function installTwilioClients() {
  const install = join(import.meta.dirname, 'install.ts');
  spawnSync(process.execPath, [install], { stdio: ['ignore', 'inherit', 'inherit'] });
}
