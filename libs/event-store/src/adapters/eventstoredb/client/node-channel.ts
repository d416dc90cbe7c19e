import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { Channel, credentials, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import { errorMessage } from '#domain';
import { InvalidConnectionStringError } from '../../../errors.ts';
import type { ConnectionSettings, Endpoint, TlsSettings } from './connection-string.ts';

/** Largest event that another client may have written, with its frame. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

/** Milliseconds between two attempts of one channel to connect. */
const RECONNECT_MS = 200;

/**
 * Host name in the handshake with a node that is known by an IP address, where TLS allows names only. It is the common
 * name of the nodes' certificates. The certificate must be valid for the address all the same.
 */
const NAME_OF_NODES = 'eventstoredb-node';

/** A node, and the name that its certificate must have where that is not its host. */
export interface NodeAddress extends Endpoint {
  readonly certificateName?: string;
}

/** Opens a channel to a node. It connects with its first call, and shares its connection with no other channel. */
export function openChannel(node: NodeAddress, settings: ConnectionSettings): Channel {
  const { tls, keepAliveIntervalMs: interval, keepAliveTimeoutMs: timeout } = settings;
  const options: ChannelOptions = {
    'grpc.keepalive_time_ms': interval < 0 ? Number.MAX_SAFE_INTEGER : interval,
    'grpc.keepalive_timeout_ms': timeout < 0 ? Number.MAX_SAFE_INTEGER : timeout,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.initial_reconnect_backoff_ms': RECONNECT_MS,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_channelz': 0,
    ...(tls === null ? {} : { 'grpc.ssl_target_name_override': nameOf(node) }),
  };
  const secrets = tls === null ? credentials.createInsecure() : secure(tls, node);
  return new Channel(`${node.host}:${node.port}`, secrets, options);
}

function nameOf({ host, certificateName = host }: NodeAddress): string {
  return isIP(certificateName) === 0 ? certificateName : NAME_OF_NODES;
}

/** @throws InvalidConnectionStringError when a file cannot be read, or has no certificate or key */
function secure(tls: TlsSettings, node: NodeAddress): ChannelCredentials {
  const name = node.certificateName ?? node.host;
  try {
    return credentials.createSsl(
      readIfNamed(tls.caFile),
      readIfNamed(tls.userKeyFile),
      readIfNamed(tls.userCertFile),
      {
        rejectUnauthorized: tls.verifiesCertificate,
        checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
      },
    );
  } catch (error) {
    throw new InvalidConnectionStringError(
      `The connection string of EventStoreDB names a certificate or key that cannot be used: ${errorMessage(error)}`,
      { cause: error },
    );
  }
}

function readIfNamed(file: string | null): Buffer | null {
  return file === null ? null : readFileSync(file);
}
