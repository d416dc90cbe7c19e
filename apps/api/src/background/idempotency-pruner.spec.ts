import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  openSqliteOperationalState,
  type SqliteOperationalState,
} from '#operational-state/adapters/sqlite/index';
import { IdempotencyPruner } from './idempotency-pruner.ts';

const NOW = Date.parse('2026-03-04T05:00:00.000Z');

describe('The idempotency pruner', () => {
  let operations: SqliteOperationalState;

  beforeEach(() => {
    operations = openSqliteOperationalState(':memory:');
  });
  afterEach(() => {
    operations.close();
  });

  const claim = (id: string, expiresAt: number) =>
    operations.idempotency.claim(
      { id, fingerprint: 'request', owner: 'a', claimedUntil: NOW, expiresAt },
      NOW - 1,
    );

  it('deletes expired records batch after batch, and keeps the others', async () => {
    for (let n = 0; n < 1_001; n += 1) await claim(`expired ${n}`, NOW);
    await claim('kept', NOW + 1);
    const clock = async () => NOW;
    const pruner = new IdempotencyPruner({ ROLE: 'worker' }, operations.idempotency, clock);
    expect([await pruner.runOnce(), await pruner.runOnce()]).toEqual(['more', 'idle']);
    expect(await claim('kept', NOW + 1)).toEqual({ outcome: 'under_way' });
    expect(await operations.idempotency.prune(NOW, 10)).toBe(0);
  });
});
