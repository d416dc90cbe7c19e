import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram, type Program, type ProgramOptions } from './program.ts';

/** Programs that share a data directory, which exists until {@link end}. */
export class Programs {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'reachability-'));
  readonly #started: Program[] = [];

  async start(options: Omit<ProgramOptions, 'dataDir'> = {}): Promise<Program> {
    const program = await startProgram({ ...options, dataDir: this.dataDir });
    this.#started.push(program);
    return program;
  }

  /** Kills all running programs and removes the data directory. */
  async end(): Promise<void> {
    await Promise.all(this.#started.splice(0).map((program) => program.kill()));
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
