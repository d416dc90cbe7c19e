import { lookup } from 'node:dns/promises';
import { errorMessage } from '#domain';
import type { ConnectionSettings, Endpoint } from './connection-string.ts';
import { LogClientError } from '../log-client.ts';
import type { NodeAddress } from './node-channel.ts';
import type { ClusterView } from './node-client.ts';

/** Answers that name the same leader and are enough: a leader that was replaced while it was frozen names itself. */
const ENOUGH_ANSWERS = 2;

/** Asks one node about its cluster, until aborted. */
type AskNode = (node: NodeAddress, signal: AbortSignal) => Promise<ClusterView>;

/**
 * Finds the leader of a cluster. Asks all nodes at once, so that a node that does not answer costs no time: those of the
 * connection string and those that a former answer named.
 */
export class LeaderFinder {
  readonly #settings: Pick<ConnectionSettings, 'discovery' | 'endpoints'>;
  readonly #ask: AskNode;
  #knownNodes: readonly Endpoint[] = [];

  constructor(settings: Pick<ConnectionSettings, 'discovery' | 'endpoints'>, ask: AskNode) {
    this.#settings = settings;
    this.#ask = ask;
  }

  /**
   * The leader that most nodes name. It need not answer itself. Without discovery, the only node there is.
   *
   * @throws LogClientError when no node answers, or none knows a leader
   */
  async find(): Promise<NodeAddress> {
    const { discovery, endpoints } = this.#settings;
    if (discovery === 'none') return endpoints[0];
    const asked = new AbortController();
    try {
      return await this.#collectVotes(await this.#candidates(), asked.signal);
    } finally {
      asked.abort();
    }
  }

  async #collectVotes(nodes: readonly NodeAddress[], signal: AbortSignal): Promise<Endpoint> {
    const votes = new Map<string, { readonly leader: Endpoint; count: number }>();
    let problem = 'No node of the cluster knows a leader';
    const { promise: elected, resolve } = Promise.withResolvers<Endpoint>();
    const ask = async (node: NodeAddress): Promise<void> => {
      try {
        const { leader, nodes: named } = await this.#ask(node, signal);
        if (leader === null) return;
        this.#knownNodes = named;
        const vote = votes.get(keyOf(leader)) ?? { leader, count: 0 };
        vote.count += 1;
        votes.set(keyOf(leader), vote);
        if (vote.count >= ENOUGH_ANSWERS) resolve(leader);
      } catch (error) {
        problem = `${keyOf(node)}: ${errorMessage(error)}`;
      }
    };
    const all = Promise.all(nodes.map(ask)).then(() => {
      const [most] = [...votes.values()].toSorted((a, b) => b.count - a.count);
      if (most === undefined) throw new LogClientError('not_handled', problem);
      return most.leader;
    });
    return Promise.race([elected, all]);
  }

  async #candidates(): Promise<NodeAddress[]> {
    const { discovery, endpoints } = this.#settings;
    const named = discovery === 'dns' ? await resolveAll(endpoints) : endpoints;
    const all = [...named, ...this.#knownNodes];
    if (all.length === 0) throw new LogClientError('not_handled', 'The cluster has no DNS entry');
    return [...new Map(all.map((node) => [keyOf(node), node])).values()];
  }
}

/** The addresses behind names; none for a name that cannot be resolved now. */
async function resolveAll(endpoints: readonly Endpoint[]): Promise<NodeAddress[]> {
  const resolved = await Promise.all(
    endpoints.map(async ({ host, port }) => {
      const found = await lookup(host, { all: true }).catch(() => []);
      return found.map(({ address }) => ({ host: address, port, certificateName: host }));
    }),
  );
  return resolved.flat();
}

function keyOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
