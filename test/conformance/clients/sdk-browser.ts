import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { Chromium } from '../../support/chromium.ts';
import type { Program } from '../../support/program.ts';
import type { ClientTree } from '../../twilio-clients/trees.ts';
import { SdkClient, sdkOptions, type SdkMessage } from '../twilsock/sdk-client.ts';

const DRIVER = join(import.meta.dirname, '../twilsock/sdk-driver.mjs');
const FRAME = join(import.meta.dirname, 'sdk-frame.html');
/** Adds a frame for each URL that the test sends. */
const PAGE = `<!doctype html><script>
  new WebSocket('ws://' + location.host + '/control').onmessage = ({ data }) =>
    document.documentElement.append(Object.assign(document.createElement('iframe'), { src: data }));
</script>`;

/**
 * A browser page that runs Twilio's SDKs, each as the bundle that a page loads with `<script>`, and each in a frame of
 * its own origin. The frames' origins differ from the program's in host and port.
 */
export class SdkBrowser {
  readonly #pages: Server;
  readonly #sockets: WebSocketServer;
  readonly #chromium: Chromium;
  readonly #page: Promise<WebSocket>;
  readonly #frames = new Map<string, PromiseWithResolvers<WebSocket>>();
  readonly #bundles = new Map<string, string>();

  private constructor(pages: Server) {
    this.#pages = pages;
    this.#sockets = new WebSocketServer({ server: pages });
    const page = Promise.withResolvers<WebSocket>();
    this.#page = page.promise;
    this.#sockets.on('connection', (socket, { url }: IncomingMessage) => {
      const frame = new URL(url ?? '/', 'http://localhost').searchParams.get('frame');
      if (frame === null) page.resolve(socket);
      else this.#frames.get(frame)?.resolve(socket);
    });
    pages.on('request', (request, response) => this.#answer(request, response));
    this.#chromium = Chromium.open(`http://localhost:${this.#port}/`);
  }

  static async open(): Promise<SdkBrowser> {
    const pages = createServer().listen(0, '127.0.0.1');
    await once(pages, 'listening');
    return new SdkBrowser(pages);
  }

  /** Starts the bundle of an SDK in a frame, and waits until it is initialized. */
  async start({ url }: Pick<Program, 'url'>, tree: ClientTree, token: string): Promise<SdkClient> {
    const frame = `sdk-${this.#frames.size}`;
    const connected = Promise.withResolvers<WebSocket>();
    this.#frames.set(frame, connected);
    this.#bundles.set(frame, bundleOf(tree));
    const page = await this.#page;
    page.send(`http://${frame}.localhost:${this.#port}/frame?frame=${frame}`);
    const socket = await connected.promise;
    const client = new SdkClient({
      send: (call) => socket.send(JSON.stringify(call)),
      listen: (listener) =>
        void socket.on('message', (data: Buffer) =>
          listener(JSON.parse(data.toString('utf8')) as SdkMessage),
        ),
      kill: () => socket.terminate(),
    });
    socket.send(JSON.stringify({ token, options: sdkOptions(url) }));
    await client.call('initialized');
    return client;
  }

  async close(): Promise<void> {
    await this.#chromium.close();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#pages.closeAllConnections();
    this.#pages.close();
  }

  get #port(): number {
    return (this.#pages.address() as AddressInfo).port;
  }

  #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const [frame = ''] = (headers.host ?? '').split('.');
    const { pathname } = new URL(url, 'http://localhost');
    const file =
      pathname === '/bundle.js' ? this.#bundles.get(frame) : FILES[pathname as keyof typeof FILES];
    response.setHeader('content-type', file?.endsWith('js') ? 'text/javascript' : 'text/html');
    response.end(file === undefined ? PAGE : readFileSync(file));
  }
}

const FILES = { '/frame': FRAME, '/sdk-driver.mjs': DRIVER };

/** Path of the bundle that a release ships for `<script>`. */
function bundleOf({ package: name, folder }: ClientTree): string {
  const [bundle] = globSync(`node_modules/${name}/{dist,builds}/*.min.js`, { cwd: folder });
  if (bundle === undefined) throw new Error(`${name} ships no bundle`);
  return join(folder, bundle);
}
