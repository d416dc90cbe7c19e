import { resolve } from 'node:path';
import { call, list } from '../rest-api.mjs';

const CLIENT = resolve(import.meta.dirname, '../../libs/client/src/react/index.ts');
const SERVICE = 'Green dots';
const { REACHABILITY_URL = 'http://127.0.0.1:3000' } = process.env;

/** What a back end does: it creates the Service once, and tokens for whoever is signed in. */
const backEnd = {
  name: 'back-end',
  configureServer(server) {
    let service;
    server.middlewares.use('/token', async (request, response) => {
      const identity = new URL(request.url, 'http://localhost').searchParams.get('identity');
      try {
        service ??= await createService();
        const path = `/v2/Services/${service}/Tokens`;
        response.end((await call('POST', path, { Identity: identity })).token);
      } catch (error) {
        response.writeHead(502).end(error.message);
      }
    });
  },
};

/** Returns the sid of the Service of this example, with reachability. */
async function createService() {
  for await (const { sid, friendly_name: name } of list('/v2/Services', 'services')) {
    if (name === SERVICE) return sid;
  }
  const { sid } = await call('POST', '/v2/Services', { FriendlyName: SERVICE });
  await call('POST', `/v2/Services/${sid}`, { ReachabilityEnabled: true });
  return sid;
}

export default {
  root: import.meta.dirname,
  define: { 'import.meta.env.VITE_REACHABILITY_URL': JSON.stringify(REACHABILITY_URL) },
  // In an application of your own: npm install the package, and leave this out.
  resolve: { alias: { '@reachability/client/react': CLIENT } },
  server: { host: '127.0.0.1' },
  plugins: [backEnd],
};
