import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  startDataDirProcess,
  type DataDirProcess,
} from '../../../../../test/support/data-dir-process.ts';
import { NodeIdInUseError, type NodeSlot } from '../../node-slots.ts';
import { FileNodeSlots } from './file-node-slots.ts';

describe('A node slot', () => {
  let directory: string;
  const held: NodeSlot[] = [];
  const processes: DataDirProcess[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'node-slot-'));
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((child) => child.kill()));
    for (const slot of held.splice(0)) await slot.release();
    rmSync(directory, { recursive: true });
  });

  async function take(nodeId: string | null = null, folder = directory): Promise<NodeSlot> {
    const slot = await new FileNodeSlots(join(folder, 'nodes')).take(nodeId);
    held.push(slot);
    return slot;
  }

  async function release(slot: NodeSlot): Promise<void> {
    held.splice(held.indexOf(slot), 1);
    await slot.release();
  }

  it('is the first free one', async () => {
    const slots = [await take(), await take(), await take()] as const;
    expect(slots.map(({ nodeId }) => nodeId)).toEqual(['node-1', 'node-2', 'node-3']);
    await release(slots[1]);
    expect((await take()).nodeId).toBe('node-2');
  });

  it('is the id that is asked for', async () => {
    expect((await take('east')).nodeId).toBe('east');
    expect((await take('west')).nodeId).toBe('west');
  });

  it('is rejected while the id is in use, and available once it is released', async () => {
    const slot = await take('east');
    await expect(take('east')).rejects.toThrow(NodeIdInUseError);
    await expect(take('east')).rejects.toThrow('NODE_ID east is in use by another process');
    await release(slot);
    expect((await take('east')).nodeId).toBe('east');
  });

  it('belongs to one directory', async () => {
    expect((await take()).nodeId).toBe('node-1');
    expect((await take(null, join(directory, 'other'))).nodeId).toBe('node-1');
  });

  it('is rejected when all are in use', async () => {
    for (let index = 1; index <= 64; index += 1) await take();
    await expect(take()).rejects.toThrow(/All 64 node ids in .*nodes are in use/);
  });

  it('belongs to one process, and is free at once when that process is killed', async () => {
    const one = await startDataDirProcess('slot', directory);
    processes.push(one);
    const first = await one.next();
    const other = await startDataDirProcess('slot', directory);
    processes.push(other);
    expect([first, await other.next()]).toEqual([{ nodeId: 'node-1' }, { nodeId: 'node-2' }]);
    await expect(take('node-1')).rejects.toThrow('in use');
    await one.kill();
    expect((await take()).nodeId).toBe('node-1');
    await other.kill();
    expect((await take()).nodeId).toBe('node-2');
  });
});
