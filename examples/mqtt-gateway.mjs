/**
 * An MQTT broker whose clients are online in Reachability, by their user name.
 *
 *     npm install --prefix examples --no-save aedes
 *     PORT=1883 node examples/mqtt-gateway.mjs --service IS..
 *
 * In production, check the password in `authenticate`.
 */
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { Aedes } from 'aedes';
import { ReportedConnections } from './reported-connections.mjs';

const { values } = parseArgs({ options: { service: { type: 'string' } } });
if (!values.service) {
  console.error('Pass --service');
  process.exit(2);
}

const connections = new ReportedConnections(values.service);
const broker = await Aedes.createBroker();

broker.authenticate = (client, username, password, done) => {
  if (!username) {
    done(Object.assign(new Error('A user name is required'), { returnCode: 4 }), false);
    return;
  }
  // The same client id may connect anew before its old socket has ended, so each socket has an id of its own.
  const id = Symbol(client.id);
  client.conn.once('close', async () => {
    try {
      await connections.close(id);
    } catch (error) {
      console.error(error.message);
    }
  });
  // A client is let in when its Connection is open, so whoever hears of it finds it online.
  connections.open(id, username, client.id).then(
    () => done(null, true),
    (error) => done(error, false),
  );
};

const server = createServer(broker.handle);
server.listen(Number(process.env.PORT ?? 1883), () => console.log('listening'));

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await connections.closeAll();
    broker.close();
    server.close();
  });
}
