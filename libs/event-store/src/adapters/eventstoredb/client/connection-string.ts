import type { Credentials } from '@eventstore/db-client';
import { InvalidConnectionStringError } from '../../../errors.ts';

const DEFAULT_PORT = 2113;
const SHAPE =
  /^(?<scheme>esdb|kurrentdb)(?<discover>\+discover)?:\/\/(?:(?<userInfo>[^/?]*)@)?(?<hosts>[^/?@]+)\/*(?:\?(?<query>.*))?$/;

/** Options of other client libraries, and of the one used here, that have no effect. */
const WITHOUT_EFFECT: readonly string[] = [
  'maxdiscoverattempts',
  'discoveryinterval',
  'gossiptimeout',
  'nodepreference',
  'defaultdeadline',
  'throwonappendfailure',
];

/** Where a node listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface TlsSettings {
  /** Files in PEM format; null without them. */
  readonly caFile: string | null;
  readonly userCertFile: string | null;
  readonly userKeyFile: string | null;
  readonly verifiesCertificate: boolean;
}

/** What a connection string says. */
export interface ConnectionSettings {
  /**
   * - `none`: the only endpoint is used, whatever node it is
   * - `gossip`: the endpoints are asked for the leader
   * - `dns`: each host is a name for several nodes, which are asked for the leader
   */
  readonly discovery: 'none' | 'gossip' | 'dns';
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly credentials: Credentials | null;
  /** Null without TLS. */
  readonly tls: TlsSettings | null;
  readonly keepAliveIntervalMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly connectionName: string | null;
}

/**
 * Parses a connection string of EventStoreDB or KurrentDB: `esdb://` or `kurrentdb://`, with `+discover` for a cluster.
 *
 * @throws InvalidConnectionStringError; the message contains no password
 */
export function parseConnectionString(text: string): ConnectionSettings {
  const { discover, userInfo, hosts, query = '' } = SHAPE.exec(text.trim())?.groups ?? {};
  const [first, ...others] = hosts?.split(',').map(toEndpoint) ?? [];
  if (first === undefined) throw invalid('must have the form esdb://user:password@host:2113');
  const options = new Options(query);
  const several = others.length > 0 ? 'gossip' : 'none';
  const hasTls = options.flag('tls', true);
  const tls: TlsSettings = {
    caFile: options.text('tlscafile'),
    userCertFile: options.text('usercertfile'),
    userKeyFile: options.text('userkeyfile'),
    verifiesCertificate: options.flag('tlsverifycert', true),
  };
  if ((tls.userCertFile === null) !== (tls.userKeyFile === null)) {
    throw invalid('needs userCertFile and userKeyFile together');
  }
  const settings: ConnectionSettings = {
    discovery: discover === undefined ? several : 'dns',
    endpoints: [first, ...others],
    credentials: userInfo === undefined ? null : toCredentials(userInfo),
    tls: hasTls ? tls : null,
    keepAliveIntervalMs: options.milliseconds('keepaliveinterval', 10_000),
    keepAliveTimeoutMs: options.milliseconds('keepalivetimeout', 10_000),
    connectionName: options.text('connectionname'),
  };
  options.assertKnown();
  return settings;
}

/** The part after the question mark. Names of options count without case, hyphens and underscores. */
class Options {
  readonly #values = new Map<string, { readonly name: string; readonly value: string }>();
  readonly #known = new Set(WITHOUT_EFFECT);

  constructor(query: string) {
    for (const pair of query.split('&').filter((each) => each !== '')) {
      const [, name = '', value = ''] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (name === '') throw invalid('has an option that is not name=value');
      this.#values.set(name.toLowerCase().replace(/[_-]/g, ''), { name, value });
    }
  }

  text(key: string): string | null {
    const option = this.#find(key);
    return option === undefined ? null : decode(option.value, option.name);
  }

  flag(key: string, byDefault: boolean): boolean {
    const { name = key, value = String(byDefault) } = this.#find(key) ?? {};
    if (value !== 'true' && value !== 'false') throw invalid(`needs true or false for ${name}`);
    return value === 'true';
  }

  /** -1 turns it off. */
  milliseconds(key: string, byDefault: number): number {
    const { name = key, value = String(byDefault) } = this.#find(key) ?? {};
    if (!/^(-1|\d{1,9})$/.test(value)) throw invalid(`needs milliseconds or -1 for ${name}`);
    return Number(value);
  }

  assertKnown(): void {
    for (const [key, { name }] of this.#values) {
      if (!this.#known.has(key)) throw invalid(`has the unknown option ${name}`);
    }
  }

  #find(key: string): { readonly name: string; readonly value: string } | undefined {
    this.#known.add(key);
    return this.#values.get(key);
  }
}

function toEndpoint(text: string): Endpoint {
  const [, host = '', port = String(DEFAULT_PORT)] = /^([^:\s]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === '' || Number(port) > 65_535) {
    throw invalid('needs hosts of the form name:port, separated by commas');
  }
  return { host, port: Number(port) };
}

function toCredentials(userInfo: string): Credentials {
  const colon = userInfo.indexOf(':');
  if (colon < 1) throw invalid('needs credentials of the form user:password');
  return {
    username: decode(userInfo.slice(0, colon), 'the user'),
    password: decode(userInfo.slice(colon + 1), 'the password'),
  };
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`needs percent-encoding for ${what}`);
  }
}

function invalid(problem: string): InvalidConnectionStringError {
  return new InvalidConnectionStringError(`The connection string of EventStoreDB ${problem}`);
}
