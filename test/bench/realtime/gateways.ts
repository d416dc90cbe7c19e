import { ms, printFigure } from './figures.ts';
import { Load } from './load.ts';

const MOST_RATIO = 2;

export const GATEWAYS = ['/stream', 'Twilsock'] as const;
export type Gateway = (typeof GATEWAYS)[number];
/** The same of each gateway. */
export type Both<Value> = Readonly<Record<Gateway, Value>>;

export async function both<Value>(of: (gateway: Gateway) => Promise<Value>): Promise<Both<Value>> {
  return { '/stream': await of('/stream'), Twilsock: await of('Twilsock') };
}

export function clientsOf(gateway: Gateway): Load {
  return new Load(gateway === '/stream' ? 'stream' : 'twilsock');
}

/** Prints a figure of Twilsock's beside that of `/stream`, and whether it is within the factor of two. */
export function compare(
  what: string,
  of: Both<number>,
  shown: (value: number) => string = ms,
): void {
  const ratio = of.Twilsock / of['/stream'];
  printFigure(
    what,
    `${shown(of.Twilsock)} against ${shown(of['/stream'])} (${ratio.toFixed(2)} x)`,
    `${MOST_RATIO} x`,
    ratio <= MOST_RATIO,
  );
}
