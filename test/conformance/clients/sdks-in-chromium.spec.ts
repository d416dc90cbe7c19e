import { afterAll, beforeAll } from '@jest/globals';
import { chromiumPath } from '../../support/chromium.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { describeClient, SDK_TREES } from './describe-client.ts';
import { SdkBrowser } from './sdk-browser.ts';
import { sdkContract } from './sdk.contract.ts';

let program: Program;
let browser: SdkBrowser;

beforeAll(async () => {
  program = await startProgram();
  browser = await SdkBrowser.open();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await program.stop();
});

const isPossible = chromiumPath !== undefined;
// A bundle contains its twilio-sync.
for (const tree of SDK_TREES.filter(({ sync }) => sync === null)) {
  const tests = (): void =>
    sdkContract(
      tree,
      () => program,
      (token) => browser.start(program, tree, token),
    );
  describeClient(tree, 'Chromium', tests, { isPossible });
}
