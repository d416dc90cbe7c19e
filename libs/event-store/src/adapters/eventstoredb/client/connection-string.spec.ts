import { describe, expect, it } from '@jest/globals';
import { InvalidConnectionStringError } from '../../../errors.ts';
import { parseConnectionString } from './connection-string.ts';

describe('a connection string', () => {
  it.each(['esdb', 'kurrentdb'])('with %s:// names one node, with TLS by default', (scheme) => {
    expect(parseConnectionString(`${scheme}://node`)).toEqual({
      discovery: 'none',
      endpoints: [{ host: 'node', port: 2113 }],
      credentials: null,
      tls: { caFile: null, userCertFile: null, userKeyFile: null, verifiesCertificate: true },
      keepAliveIntervalMs: 10_000,
      keepAliveTimeoutMs: 10_000,
      connectionName: null,
    });
  });

  it.each(['esdb+discover', 'kurrentdb+discover'])('with %s:// names a cluster', (scheme) => {
    expect(parseConnectionString(`${scheme}://cluster:1113/?tls=false`)).toMatchObject({
      discovery: 'dns',
      endpoints: [{ host: 'cluster', port: 1113 }],
      tls: null,
    });
  });

  it('with several hosts names the nodes of a cluster', () => {
    expect(parseConnectionString('esdb://a:1,b,c:3?tls=true')).toMatchObject({
      discovery: 'gossip',
      endpoints: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2113 },
        { host: 'c', port: 3 },
      ],
    });
  });

  it('has credentials and file names percent-encoded, and option names in any case', () => {
    const text = 'esdb://me:s%40fe%2F1@node?TlsCaFile=%2Fca%20file.pem&tls-verify-cert=false';
    expect(parseConnectionString(text)).toMatchObject({
      credentials: { username: 'me', password: 's@fe/1' },
      tls: { caFile: '/ca file.pem', verifiesCertificate: false },
    });
  });

  it('may have options that have no effect', () => {
    const text = 'esdb://node?nodePreference=follower&gossipTimeout=5&keepAliveInterval=-1';
    expect(parseConnectionString(text).keepAliveIntervalMs).toBe(-1);
  });

  it.each([
    ['postgres://me:secret@node', 'must have the form'],
    ['esdb://me:secret@', 'must have the form'],
    ['esdb://me:secret@node:port', 'hosts of the form name:port'],
    ['esdb://me:secret@node:70000', 'hosts of the form name:port'],
    ['esdb://:secret@node', 'credentials of the form user:password'],
    ['esdb://me:secret%@node', 'percent-encoding for the password'],
    ['esdb://me:secret@node?tls', 'an option that is not name=value'],
    ['esdb://me:secret@node?tls=no', 'true or false for tls'],
    ['esdb://me:secret@node?keepAliveTimeout=soon', 'milliseconds or -1 for keepAliveTimeout'],
    ['esdb://me:secret@node?tlsCaFiles=x', 'the unknown option tlsCaFiles'],
    ['esdb://me:secret@node?userCertFile=x', 'userCertFile and userKeyFile together'],
  ])('that is wrong is refused without its password: %s', (text, problem) => {
    const parse = () => parseConnectionString(text);
    expect(parse).toThrow(InvalidConnectionStringError);
    expect(parse).toThrow(problem);
    expect(parse).not.toThrow('secret');
  });
});
