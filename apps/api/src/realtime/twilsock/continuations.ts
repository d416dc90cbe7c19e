import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** Something that another socket may go on with. */
interface Continued {
  /** Another socket goes on with its session. */
  superseded(): void;
}

interface Holder {
  readonly connectionSid: string;
  readonly client: Continued;
}

const SECRET_BYTES = 12;

/**
 * Who holds which session, by the continuation token that its client was given. A token is good for once: of two
 * clients that hold the same, as a duplicated browser tab does, the second gets a session of its own, and they do
 * not take one from each other for ever.
 */
@Injectable()
export class Continuations {
  readonly #holders = new Map<string, Holder>();

  /** Makes the token by which a client's session can be found again. */
  issue(connectionSid: string, client: Continued): string {
    const token = `${connectionSid}.${randomBytes(SECRET_BYTES).toString('base64url')}`;
    this.#holders.set(token, { connectionSid, client });
    return token;
  }

  find(token: string): Holder | null {
    return this.#holders.get(token) ?? null;
  }

  revoke(token: string): void {
    this.#holders.delete(token);
  }
}
