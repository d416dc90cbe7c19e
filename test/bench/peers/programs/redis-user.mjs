/**
 * A Fastify server with one route, which answers the hash of a User in Redis: arguments are the path, the URL of Redis, and a file with
 * the Users, which it stores first.
 */
import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import { createClient } from 'redis';

const [path = '/', url = '', file = ''] = process.argv.slice(2);
const client = await createClient({ url }).connect();
for (const user of JSON.parse(readFileSync(file, 'utf8'))) await client.hSet(user.sid, user);
const server = fastify();
server.get(path, async ({ params: { user } }, reply) => {
  reply.type('application/json; charset=utf-8');
  return client.hGetAll(user);
});
await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`http://127.0.0.1:${server.server.address().port}\n`);
process.on('SIGTERM', () => void server.close().then(() => client.close()));
