/** What an idempotent request was answered. */
export interface StoredAnswer {
  readonly status: number;
  /** Headers of the answer that belong to what was done. Names are lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; null for an answer without a body, or with one that must not be stored. */
  readonly body: string | null;
}

/** An attempt to carry out an idempotent request. Times are milliseconds since the epoch. */
export interface IdempotencyClaim {
  /** Identifies the key within its scope. */
  readonly id: string;
  /** Differs where the same key is sent with another request. */
  readonly fingerprint: string;
  /** Identifies this attempt. */
  readonly owner: string;
  /** The attempt counts as under way until then, also if its process has died. */
  readonly claimedUntil: number;
  /** The record is forgotten then. */
  readonly expiresAt: number;
}

/**
 * Result of a claim: `claimed` lets the request be carried out, `under_way` is another attempt that has not ended,
 * `mismatch` is another request with the same key, and `completed` has the answer.
 */
export type ClaimResult =
  | { readonly outcome: 'claimed' | 'under_way' | 'mismatch' }
  | { readonly outcome: 'completed'; readonly answer: StoredAnswer };

/** Records of idempotent requests, shared by all processes. If they are lost, a repeated request is carried out again. */
export interface IdempotencyStore {
  /**
   * Claims a key for one attempt. An attempt that was released, or whose time is over, leaves the key to the next one
   * with the same fingerprint.
   */
  claim(claim: IdempotencyClaim, now: number): Promise<ClaimResult>;
  /** Stores the answer of an attempt, unless a later attempt has claimed the key. */
  complete(claim: Pick<IdempotencyClaim, 'id' | 'owner'>, answer: StoredAnswer): Promise<void>;
  /** Ends an attempt without an answer. The key stays bound to its fingerprint. */
  release(claim: Pick<IdempotencyClaim, 'id' | 'owner'>): Promise<void>;
  /** Deletes all records: the log lacks what they were answered. */
  clear(): Promise<void>;
  /** Deletes at most `limit` expired records and returns their number. */
  prune(now: number, limit: number): Promise<number>;
}
