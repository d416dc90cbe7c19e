import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineProcess } from './machine-process.ts';
import type { GatewayCycle, GatewayPlan } from './machines-plan.ts';
import { Requests } from './requests.ts';

export const GATEWAY_TTL_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
/** A gateway asks another node after this time without an answer. */
const PATIENCE_MS = 2_500;

/** Pause before a request is repeated. */
const RETRY_MS = 300;

type Kind = 'open' | 'renew' | 'close';

/** What a gateway did for one Connection. */
export interface GatewaySession {
  /** Sid of the Connection; null while the gateway does not know it. */
  sid: string | null;
  /** When it stopped renewing; null while it holds the Connection. */
  endedAt: number | null;
  readonly requests: Requests<Kind>;
}

/**
 * A gateway that holds sockets itself and opens their Connections over HTTP, renews them at the nodes in turns, and
 * deletes them or leaves them to expire. It repeats what fails, with the same `Idempotency-Key` and at the next node.
 */
export class Gateway {
  readonly identity: string;
  readonly sessions: GatewaySession[] = [];
  readonly #plan: GatewayPlan;
  readonly #path: string;
  readonly #apis: readonly MachineProcess[];
  #isOver = false;

  constructor(plan: GatewayPlan, serviceSid: string, apis: readonly MachineProcess[]) {
    this.identity = plan.identity;
    this.#plan = plan;
    this.#path = `/v2/Services/${serviceSid}/Users`;
    this.#apis = apis;
  }

  /** Goes through its cycles. Settles when the last has ended. */
  async run(startedAt: number): Promise<void> {
    for (const cycle of this.#plan.cycles) {
      await delay(Math.max(0, startedAt + cycle.at - Date.now()));
      if (this.#isOver) return;
      await this.#runCycle(cycle);
    }
  }

  /** Opens nothing any more, and ends what is open. */
  end(): void {
    this.#isOver = true;
  }

  async #runCycle({ holdMs, end }: GatewayCycle): Promise<void> {
    const requests = new Requests<Kind>(this.#apis, this.sessions.length);
    const session: GatewaySession = { sid: null, endedAt: null, requests };
    this.sessions.push(session);
    const until = Date.now() + holdMs;
    session.sid = await this.#open(requests, until);
    if (session.sid !== null) {
      const path = `${this.#path}/${this.identity}/Connections/${session.sid}`;
      await this.#renewUntil(path, requests, until);
      session.endedAt = Date.now();
      if (end === 'delete') await this.#delete(path, requests);
    }
    session.endedAt ??= Date.now();
  }

  async #open(requests: Requests<Kind>, until: number): Promise<string | null> {
    const headers = { 'Idempotency-Key': randomUUID() };
    const form = { Ttl: String(GATEWAY_TTL_MS / 1_000) };
    const path = `${this.#path}/${this.identity}/Connections`;
    while (!this.#isOver && Date.now() < until) {
      const opened = await requests.send(
        'open',
        (program) => program.post(path, form, { headers }),
        PATIENCE_MS,
      );
      if (opened?.answer.status === 201) return opened.answer.sid;
      await delay(RETRY_MS);
    }
    return null;
  }

  async #renewUntil(path: string, requests: Requests<Kind>, until: number): Promise<void> {
    let renewAt = Date.now() + RENEW_EVERY_MS;
    while (!this.#isOver && Date.now() < until) {
      await delay(Math.min(Math.max(0, renewAt - Date.now()), RETRY_MS));
      if (Date.now() < renewAt) continue;
      const renewed = await requests.send(
        'renew',
        (program) => program.post(path, {}),
        PATIENCE_MS,
      );
      if (renewed?.answer.status === 404) return;
      if (renewed?.answer.status === 200) renewAt = Date.now() + RENEW_EVERY_MS;
    }
  }

  async #delete(path: string, requests: Requests<Kind>): Promise<void> {
    const until = Date.now() + GATEWAY_TTL_MS;
    while (Date.now() < until) {
      const deleted = await requests.send('close', (program) => program.delete(path), PATIENCE_MS);
      if (deleted?.answer.status === 204 || deleted?.answer.status === 404) return;
      await delay(RETRY_MS);
    }
  }
}
