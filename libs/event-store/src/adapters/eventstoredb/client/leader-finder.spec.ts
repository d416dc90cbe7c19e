import { describe, expect, it } from '@jest/globals';
import type { Endpoint } from './connection-string.ts';
import { LeaderFinder } from './leader-finder.ts';
import { LogClientError } from '../log-client.ts';
import type { ClusterView } from './node-client.ts';

const node = (port: number): Endpoint => ({ host: '127.0.0.1', port });
const [a, b, c] = [node(1), node(2), node(3)] as const;
const never = () => Promise.withResolvers<never>().promise;
const down = () => Promise.reject(new LogClientError('not_handled', 'connection refused'));

/** A cluster in which each port answers as given; the others do not answer. */
function finderOf(
  endpoints: readonly [Endpoint, ...Endpoint[]],
  answers: Readonly<Record<number, () => Promise<ClusterView>>>,
  discovery: 'none' | 'gossip' | 'dns' = 'gossip',
) {
  const asked: number[] = [];
  const finder = new LeaderFinder({ discovery, endpoints }, ({ port }) => {
    asked.push(port);
    return answers[port]?.() ?? never();
  });
  return { finder, asked };
}

const names =
  (leader: Endpoint | null, nodes: readonly Endpoint[] = [a, b, c]) =>
  () =>
    Promise.resolve({ leader, nodes });

describe('the leader of a cluster', () => {
  it('is the one that two nodes name, without waiting for the others', async () => {
    const { finder } = finderOf([a, b, c], { 2: names(b), 3: names(b) });
    expect(await finder.find()).toEqual(b);
  });

  it('is not the one that only a node names which was frozen while it was replaced', async () => {
    const { finder } = finderOf([a, b, c], { 1: names(a), 2: names(b), 3: names(b) });
    expect(await finder.find()).toEqual(b);
  });

  it('is the one that the only node names which answers', async () => {
    const { finder } = finderOf([a, b, c], { 1: down, 2: names(b), 3: down });
    expect(await finder.find()).toEqual(b);
  });

  it('is looked for among the nodes that a former answer named', async () => {
    const { finder, asked } = finderOf([a], { 1: names(a), 2: down, 3: down });
    await finder.find();
    await finder.find();
    expect(asked).toEqual([1, 1, 2, 3]);
  });

  it('is looked for at every address of a name', async () => {
    const localhost = { host: 'localhost', port: 1 };
    const { finder } = finderOf([localhost], { 1: names(b) }, 'dns');
    expect(await finder.find()).toEqual(b);
  });

  it.each([
    ['no node answers', { 1: down, 2: down }, 'connection refused'],
    ['no node knows one', { 1: names(null), 2: names(null) }, 'No node of the cluster knows'],
  ])('is missing where %s', async (_, answers, problem) => {
    const { finder } = finderOf([a, b], answers);
    await expect(finder.find()).rejects.toMatchObject({
      failure: 'not_handled',
      message: expect.stringContaining(problem),
    });
  });

  it('is not asked for where the connection string names one node', async () => {
    const { finder, asked } = finderOf([a], {}, 'none');
    expect(await finder.find()).toEqual(a);
    expect(asked).toEqual([]);
  });
});
