import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { InvalidDatabaseUrlError, parseDatabaseUrl } from './connection-url.ts';

describe('The URL of a database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reachability-ca-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, 'a certificate');
  afterAll(() => rmSync(folder, { recursive: true }));

  const tls = (parameters: string, host = 'db.example.org') =>
    parseDatabaseUrl(`postgres://ann:secret@${host}/reach?${parameters}`).ssl;

  it('is not encrypted unless it says so', () => {
    expect(tls('')).toBe(false);
    expect(tls('sslmode=disable')).toBe(false);
  });

  it('encrypts without verifying with sslmode=require', () => {
    expect(tls('sslmode=require')).toMatchObject({ rejectUnauthorized: false });
  });

  it('verifies certificate and name with sslmode=verify-full', () => {
    const options = tls(`sslmode=verify-full&sslrootcert=${ca}`);
    expect(options).toEqual({ ca: 'a certificate' });
  });

  it('compares the certificate with the address where the host is one', () => {
    expect(tls('sslmode=verify-full', '10.0.0.5')).toEqual({ host: '10.0.0.5' });
  });

  it.each(['verify-ca', 'require'])(
    'verifies the certificate and not the name with sslmode=%s and a CA',
    (mode) => {
      const options = tls(`sslmode=${mode}&sslrootcert=${ca}`);
      expect(options).toMatchObject({ ca: 'a certificate' });
      expect(options).not.toHaveProperty('rejectUnauthorized');
      expect(options).toHaveProperty('checkServerIdentity');
    },
  );

  it('leaves everything else to the driver', () => {
    const { connectionString } = parseDatabaseUrl(
      `postgres://ann:se%40cret@db:5433/reach?sslmode=verify-full&sslrootcert=${ca}&options=-cwork_mem%3D8MB`,
    );
    expect(connectionString).toBe(
      'postgres://ann:se%40cret@db:5433/reach?options=-cwork_mem%3D8MB',
    );
  });

  it.each([
    ['postgres://ann:se cret/#@db/reach', /percent-encoded/],
    ['mysql://ann:secret@db/reach', /postgres:/],
    ['postgres://ann:secret@db/reach?sslmode=prefer', /sslmode/],
    ['postgres://ann:secret@db/reach?sslrootcert=/ca.pem', /without sslmode/],
    ['postgres://ann:secret@db/reach?sslmode=verify-full&sslrootcert=/missing', /ENOENT/],
  ])('is refused, without its password, if it is %s', (url, reason) => {
    expect(() => parseDatabaseUrl(url)).toThrow(InvalidDatabaseUrlError);
    expect(() => parseDatabaseUrl(url)).toThrow(reason);
    expect(() => parseDatabaseUrl(url)).not.toThrow(/cret/);
  });
});
