import { afterAll, beforeAll } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import { SdkClient } from '../twilsock/sdk-client.ts';
import { describeClient, SDK_TREES } from './describe-client.ts';
import { sdkContract } from './sdk.contract.ts';

let program: Program;

beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.stop());

for (const tree of SDK_TREES) {
  describeClient(tree, 'Node.js', () => {
    const start = (token: string): Promise<SdkClient> => SdkClient.ready(program, tree, token);
    sdkContract(tree, () => program, start);
  });
}
