import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** How the driver connects: a URL without parameters of TLS, and what those ask for. */
export interface ConnectionSettings {
  readonly connectionString: string;
  /** False for a connection that is not encrypted. */
  readonly ssl: false | ConnectionOptions;
}

/** The URL of a database cannot be used. The message has nothing of its user and password. */
export class InvalidDatabaseUrlError extends Error {
  override readonly name = 'InvalidDatabaseUrlError';
  readonly code = 'DATABASE.INVALID_URL';
}

const TLS_PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

/**
 * Returns how to connect to the database of a `postgres://` URL. `sslmode` and the files have the meaning that libpq gives
 * them, which is not that of `pg`: `require` encrypts and does not verify, `verify-full` verifies the server's certificate
 * and its name. `allow` and `prefer` are refused: both fall back to a connection that is not encrypted.
 *
 * Source: https://www.postgresql.org/docs/current/libpq-ssl.html
 *
 * @throws InvalidDatabaseUrlError
 */
export function parseDatabaseUrl(text: string): ConnectionSettings {
  const url = URL.parse(text);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new InvalidDatabaseUrlError(
      'must be a URL such as postgres://user:password@host:5432/database, with special characters percent-encoded',
    );
  }
  const ssl = tlsOptions(url);
  for (const name of TLS_PARAMETERS) url.searchParams.delete(name);
  return { connectionString: url.href, ssl };
}

function tlsOptions({ hostname, searchParams }: URL): false | ConnectionOptions {
  const mode = searchParams.get('sslmode');
  const files = TLS_PARAMETERS.slice(1).filter((name) => searchParams.has(name));
  if (mode === null || mode === 'disable') {
    const [file] = files;
    if (file === undefined) return false;
    throw new InvalidDatabaseUrlError(`has ${file} without sslmode=verify-full`);
  }
  const ca = readFile(searchParams, 'sslrootcert');
  const shared = {
    ...ca,
    ...readFile(searchParams, 'sslcert'),
    ...readFile(searchParams, 'sslkey'),
    // Node compares the certificate with this address; a name it takes from the connection.
    ...(isIP(hostname) === 0 ? {} : { host: hostname }),
  };
  const anyName = { checkServerIdentity: () => undefined };
  switch (mode) {
    case 'verify-full':
      return shared;
    case 'verify-ca':
      return { ...shared, ...anyName };
    case 'require':
      return 'ca' in ca ? { ...shared, ...anyName } : { ...shared, rejectUnauthorized: false };
    default:
      throw new InvalidDatabaseUrlError(
        'must have the sslmode disable, require, verify-ca or verify-full',
      );
  }
}

const OPTIONS = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;

/** Returns the option of TLS with the contents of a file; none where the URL names no file. */
function readFile(parameters: URLSearchParams, name: keyof typeof OPTIONS): ConnectionOptions {
  const path = parameters.get(name);
  if (path === null) return {};
  try {
    return { [OPTIONS[name]]: readFileSync(path, 'utf8') };
  } catch (error) {
    const hasCode = typeof error === 'object' && error !== null && 'code' in error;
    const reason = hasCode ? String(error.code) : 'unknown error';
    throw new InvalidDatabaseUrlError(`has an ${name} that cannot be read: ${reason}`);
  }
}
