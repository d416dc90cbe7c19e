import { ms, printFigure } from './figures.ts';
import { ClientProcess } from './load.ts';

const MAX_RATIO = 2;

export const GATEWAYS = ['/stream', 'Twilsock'] as const;
export type Gateway = (typeof GATEWAYS)[number];
/** A value for each gateway. */
export type PerGateway<Value> = Readonly<Record<Gateway, Value>>;

export async function forEachGateway<Value>(
  of: (gateway: Gateway) => Promise<Value>,
): Promise<PerGateway<Value>> {
  return { '/stream': await of('/stream'), Twilsock: await of('Twilsock') };
}

export function startClients(gateway: Gateway): ClientProcess {
  return new ClientProcess(gateway === '/stream' ? 'stream' : 'twilsock');
}

/** Prints a figure of Twilsock next to that of `/stream`, and whether it is within a factor of two. */
export function compare(
  what: string,
  of: PerGateway<number>,
  shown: (value: number) => string = ms,
): void {
  const ratio = of.Twilsock / of['/stream'];
  printFigure(
    what,
    `${shown(of.Twilsock)} against ${shown(of['/stream'])} (${ratio.toFixed(2)} x)`,
    `${MAX_RATIO} x`,
    ratio <= MAX_RATIO,
  );
}
