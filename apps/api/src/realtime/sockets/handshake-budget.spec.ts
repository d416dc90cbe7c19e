import { describe, expect, it } from '@jest/globals';
import { readSettings } from '#shared/settings/settings';
import { addressNetwork } from '../../platform/http/sockets/client-address.ts';
import { HandshakeBudget } from './handshake-budget.ts';

describe('The budget of handshakes', () => {
  const budgetWith = (settings: Readonly<Record<string, string>>) =>
    new HandshakeBudget(
      readSettings({ HANDSHAKES_PER_SECOND: '1', HANDSHAKE_BURST: '3', ...settings }),
      () => 0,
    );
  const taken = (budget: HandshakeBudget, ...addresses: readonly string[]) =>
    addresses.map((address) => budget.takeFrom(addressNetwork(address)));

  it('of an address is by default as large as that of the process, and does not spend it', () => {
    const budget = budgetWith({});
    expect(taken(budget, ...Array<string>(4).fill('10.0.0.1'))).toEqual([true, true, true, false]);
    for (let count = 0; count < 3; count += 1) budget.chargeVerified();
    expect(() => budget.chargeVerified()).toThrow('Too many clients connect at once');
  });

  it('is one for all addresses of an IPv6 /64', () => {
    const budget = budgetWith({ HANDSHAKE_BURST_PER_ADDRESS: '2' });
    expect(taken(budget, '2001:db8::1', '2001:db8::ffff:2', '2001:db8:0:0:7::1')).toEqual([
      true,
      true,
      false,
    ]);
    expect(taken(budget, '2001:db8:0:1::1', '10.0.0.1')).toEqual([true, true]);
  });
});
