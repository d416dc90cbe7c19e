import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** A client whose session another client may resume. */
export interface Resumable {
  /** Another client has resumed the session: leaves it to that client. */
  onTakenOver(): void;
}

interface TokenHolder {
  readonly connectionSid: string;
  readonly client: Resumable;
}

const SECRET_BYTES = 12;

/**
 * Clients by the continuation token that each was given for its session. A token can be used once. When two clients
 * hold the same token, as in a duplicated browser tab, the second one opens a session of its own; otherwise they
 * would take the session from each other forever.
 */
@Injectable()
export class Continuations {
  readonly #holders = new Map<string, TokenHolder>();

  /** Returns a new token with which the client's session can be resumed. */
  issue(connectionSid: string, client: Resumable): string {
    const token = `${connectionSid}.${randomBytes(SECRET_BYTES).toString('base64url')}`;
    this.#holders.set(token, { connectionSid, client });
    return token;
  }

  find(token: string): TokenHolder | null {
    return this.#holders.get(token) ?? null;
  }

  revoke(token: string): void {
    this.#holders.delete(token);
  }
}
