import { beforeEach, describe, expect, it } from '@jest/globals';
import type { BindingType } from '#domain';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { context, create, sidOf, streamOf } from '../../../../test/support/user-commands.ts';
import { Aggregates } from './aggregates.ts';
import { registerBinding } from './bindings.ts';

describe('Registering a Binding', () => {
  let log: InMemoryEventStore;
  let aggregates: Aggregates;

  beforeEach(async () => {
    log = new InMemoryEventStore();
    aggregates = new Aggregates(log, () => new Date(0));
    await aggregates.users.handle(streamOf('ann'), create('ann'), context('create'));
  });

  const register = (
    address: string,
    replacesOthers: boolean,
    {
      bindingType = 'fcm',
      endpoint = 'phone',
    }: { bindingType?: BindingType; endpoint?: string } = {},
  ) =>
    registerBinding(aggregates, {
      user: sidOf('ann'),
      bindingType,
      address,
      endpoint,
      context: context(`register ${bindingType} ${endpoint} ${address}`),
      replacesOthers,
    });

  async function addresses(): Promise<string[]> {
    const { state } = await aggregates.users.load(streamOf('ann'));
    return state.status === 'active' ? state.bindings.map(({ address }) => address) : [];
  }

  it('keeps the other Bindings of the device by default', async () => {
    await register('first', false);
    await register('second', false);
    expect(await addresses()).toEqual(['first', 'second']);
  });

  it('removes the other Bindings of the device and type where it replaces them', async () => {
    await register('first', false);
    await register('second', false);
    await register('of another type', false, { bindingType: 'apn' });
    await register('of another device', false, { endpoint: 'tablet' });
    const { position } = await register('third', true);
    expect(await addresses()).toEqual(['of another type', 'of another device', 'third']);
    expect(position).toBe(await log.head());
  });

  it('changes nothing where the same command is sent again', async () => {
    await register('first', false);
    await register('second', true);
    const head = await log.head();
    await register('second', true);
    expect(await log.head()).toBe(head);
  });
});
