import { describe, expect, it } from '@jest/globals';
import { FakeLogClient, rawEvent } from '../../../../../test/support/fake-log-client.ts';
import { NewerLogError } from '../../errors.ts';
import { readEpochs } from './epoch.ts';

const STREAM = 'reachability-store';

function clientWith(...records: readonly object[]): FakeLogClient {
  const client = new FakeLogClient();
  client.log = records.map((data, index) =>
    rawEvent(index, { stream: STREAM, revision: BigInt(index), data }),
  );
  return client;
}

describe('The epochs of a log in EventStoreDB', () => {
  it('are read from records with the present format, and from those of before it was recorded', async () => {
    const client = clientWith({ epoch: '0badcafe' }, { epoch: '0ddba115', format: 1 });
    expect(await readEpochs(client)).toMatchObject({
      epoch: '0ddba115',
      formerEpochs: ['0badcafe'],
    });
  });

  it('are refused where a newer program has changed the format of the log', async () => {
    const client = clientWith({ epoch: '0badcafe', format: 1 }, { format: 2, name: 'x' });
    const failure: unknown = await readEpochs(client).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NewerLogError);
    expect(failure).toMatchObject({
      code: 'EVENT_STORE.NEWER',
      message: 'The log in EventStoreDB has format 2, of a newer program; this one reads 1',
    });
  });
});
