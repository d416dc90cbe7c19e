import { describe, expect, it } from '@jest/globals';
import { AddressFilter, ForbiddenAddressError } from './address-filter.ts';

const isAllowed = (filter: AddressFilter, address: string): boolean => {
  try {
    filter.assertAllowed(address);
    return true;
  } catch (error) {
    if (error instanceof ForbiddenAddressError) return false;
    throw error;
  }
};

describe('The address filter', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:FFFF:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    'localhost',
    '',
  ])('forbids %s', (address) => {
    expect(isAllowed(new AddressFilter(), address)).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '8.8.8.8',
    '::ffff:8.8.8.8',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80b::200e',
  ])('allows %s', (address) => {
    expect(isAllowed(new AddressFilter(), address)).toBe(true);
  });

  it('allows the networks of the operator in any notation, and no other private network', () => {
    const filter = new AddressFilter(['10.1.0.0/16', '::1/128']);
    const asked = ['10.1.255.1', '::ffff:10.1.2.3', '::1', '10.2.0.1', '127.0.0.1', '::2'];
    expect(asked.map((address) => isAllowed(filter, address))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
