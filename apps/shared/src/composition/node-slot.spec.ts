import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  startDataDirProcess,
  type DataDirProcess,
} from '../../../../test/support/data-dir-process.ts';
import { InvalidSettingError } from '../settings/invalid-setting-error.ts';
import { readSettings } from '../settings/settings.ts';
import { takeNodeSlot, type NodeSlot } from './node-slot.ts';

describe('A node slot', () => {
  let directory: string;
  const held: NodeSlot[] = [];
  const processes: DataDirProcess[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'node-slot-'));
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((child) => child.kill()));
    for (const slot of held.splice(0)) slot.release();
    rmSync(directory, { recursive: true });
  });

  function take(environment: NodeJS.ProcessEnv = {}): NodeSlot {
    const slot = takeNodeSlot(readSettings({ DATA_DIR: directory, ...environment }));
    held.push(slot);
    return slot;
  }

  function release(slot: NodeSlot): void {
    held.splice(held.indexOf(slot), 1);
    slot.release();
  }

  it('is the first free one', () => {
    const slots = [take(), take(), take()] as const;
    expect(slots.map(({ nodeId }) => nodeId)).toEqual(['node-1', 'node-2', 'node-3']);
    release(slots[1]);
    expect(take().nodeId).toBe('node-2');
  });

  it('is NODE_ID where it is set', () => {
    expect(take({ NODE_ID: 'east' }).nodeId).toBe('east');
    expect(take({ NODE_ID: 'west' }).nodeId).toBe('west');
  });

  it('is rejected while NODE_ID is in use, and available once it is released', () => {
    const slot = take({ NODE_ID: 'east' });
    const again = (): NodeSlot => take({ NODE_ID: 'east' });
    expect(again).toThrow(InvalidSettingError);
    expect(again).toThrow('NODE_ID east is in use by another process');
    release(slot);
    expect(again().nodeId).toBe('east');
  });

  it('belongs to one DATA_DIR', () => {
    expect(take().nodeId).toBe('node-1');
    expect(take({ DATA_DIR: join(directory, 'other') }).nodeId).toBe('node-1');
  });

  it('is rejected when all are in use', () => {
    for (let index = 1; index <= 64; index += 1) take();
    expect(() => take()).toThrow(/All 64 node ids in .*nodes are in use/);
  });

  it('belongs to one process, and is free at once when that process is killed', async () => {
    const one = await startDataDirProcess('slot', directory);
    processes.push(one);
    const first = await one.next();
    const other = await startDataDirProcess('slot', directory);
    processes.push(other);
    expect([first, await other.next()]).toEqual([{ nodeId: 'node-1' }, { nodeId: 'node-2' }]);
    expect(() => take({ NODE_ID: 'node-1' })).toThrow('in use');
    await one.kill();
    expect(take().nodeId).toBe('node-1');
    await other.kill();
    expect(take().nodeId).toBe('node-2');
  });
});
