import { beforeEach, describe, expect, it } from '@jest/globals';
import { firstServiceSid, serviceStream } from '#domain';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { context } from '../../../../test/support/user-commands.ts';
import { Aggregates } from './aggregates.ts';
import { findDefaultService } from './default-service.ts';
import { createService, deleteService, updateService } from './services.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const CREATION = { correlationId: 'request', actor: 'key:SK1' };

describe('The default Service of an account', () => {
  let log: InMemoryEventStore;
  let aggregates: Aggregates;

  beforeEach(() => {
    log = new InMemoryEventStore();
    aggregates = new Aggregates(log, () => new Date(0));
  });

  const find = (creation: typeof CREATION | null = null, process = aggregates) =>
    findDefaultService(process, { accountSid: ACCOUNT, creation });

  async function setDefault(defaultServiceSid: string): Promise<void> {
    const { firstSid = '' } = (await find(CREATION)) ?? {};
    await updateService(aggregates, {
      serviceSid: firstSid,
      changes: { accountConfiguration: { defaultServiceSid } },
      context: context(`default ${defaultServiceSid}`),
    });
  }

  it('does not exist before it is created', async () => {
    expect(await find()).toBeNull();
    expect(await log.head()).toBeNull();
    expect(await find(CREATION)).toMatchObject({ serviceSid: firstServiceSid(ACCOUNT) });
    expect(await find()).toMatchObject({ serviceSid: firstServiceSid(ACCOUNT) });
  });

  it('is created once by processes that create it at the same time', async () => {
    const others = Array.from({ length: 5 }, () => new Aggregates(log, () => new Date(0)));
    const found = await Promise.all(others.map((process) => find(CREATION, process)));
    const sids = new Set(found.map((each) => each?.serviceSid));
    expect([...sids]).toEqual([firstServiceSid(ACCOUNT)]);
    const { revision } = await aggregates.services.load(serviceStream(firstServiceSid(ACCOUNT)));
    expect(revision).toBe(0);
  });

  it('is another for another account', () => {
    expect(firstServiceSid(`AC${'2'.repeat(32)}`)).not.toBe(firstServiceSid(ACCOUNT));
  });

  it('is the Service that the configuration names, while that exists', async () => {
    const command = { friendlyName: 'Other', context: context('other') };
    const { serviceSid: other } = await createService(aggregates, command);
    await setDefault(other);
    const found = await find();
    expect(found).toMatchObject({ serviceSid: other, firstSid: firstServiceSid(ACCOUNT) });
    expect(found?.position).toBe(await log.head());
    await deleteService(aggregates, { serviceSid: other, context: context('delete') });
    expect(await find()).toMatchObject({ serviceSid: firstServiceSid(ACCOUNT) });
  });

  it('has a successor when it is deleted, which begins without a configuration', async () => {
    const first = firstServiceSid(ACCOUNT);
    await setDefault(first);
    await deleteService(aggregates, { serviceSid: first, context: context('delete') });
    expect(await find()).toBeNull();
    expect(await find(CREATION)).toMatchObject({
      serviceSid: firstServiceSid(ACCOUNT, first),
      configuration: { defaultServiceSid: null },
    });
  });
});
