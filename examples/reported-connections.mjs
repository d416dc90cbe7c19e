import { call } from './rest-api.mjs';

/** Seconds that a Connection stays open without a renewal, so that nobody stays online when a gateway crashes. */
const TTL_SECONDS = 60;

/**
 * Reports the connections that a gateway holds itself, such as those of an MQTT broker: each is open in Reachability from
 * `open` to `close`.
 */
export class ReportedConnections {
  #users;
  /** What is open, by the gateway's own id: the User, the device, and the promise of the Connection's URL. */
  #open = new Map();
  #renewals;

  constructor(service) {
    this.#users = `/v2/Services/${service}/Users`;
    this.#renewals = setInterval(() => void this.#renewAll(), (TTL_SECONDS * 1_000) / 3);
  }

  /** Reports that a client has connected. The User is created where it does not exist. */
  async open(id, identity, deviceId) {
    const url = this.#post(identity, deviceId);
    this.#open.set(id, { identity, deviceId, url });
    await url;
  }

  /** Reports that a client has left. */
  async close(id) {
    const connection = this.#open.get(id);
    this.#open.delete(id);
    if (connection !== undefined) await call('DELETE', await connection.url);
  }

  /** Closes all Connections, before the gateway ends. */
  async closeAll() {
    clearInterval(this.#renewals);
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  async #post(identity, deviceId) {
    const connections = `${this.#users}/${encodeURIComponent(identity)}/Connections`;
    const parameters = { Ttl: TTL_SECONDS, DeviceId: deviceId };
    let opened = await call('POST', connections, parameters);
    if (opened === null) {
      await call('POST', this.#users, { Identity: identity });
      opened = await call('POST', connections, parameters);
    }
    return `${connections}/${opened.sid}`;
  }

  async #renewAll() {
    for (const [id, { identity, deviceId, url }] of this.#open) {
      try {
        const renewed = await call('POST', await url, { Ttl: TTL_SECONDS });
        // It expired, because the server was away for longer than the TTL.
        if (renewed === null && this.#open.has(id)) await this.open(id, identity, deviceId);
      } catch (error) {
        // The next round tries again: three fit into the TTL.
        console.error(`Not renewed: ${error.message}`);
      }
    }
  }
}
