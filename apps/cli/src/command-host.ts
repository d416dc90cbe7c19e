import { CommanderError, type Command } from 'commander';
import { readSettings, type Settings } from '#shared/settings/settings';
import { exitCodeOf, lineOf } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { InterruptedError, OutputClosedError, type CommandIo } from './io/command-io.ts';
import { ProcessIo } from './io/process-io.ts';

/** What a command does; it ends with exit code 0 where it answers none. */
export type CommandBody = (io: CommandIo, settings: Settings) => Promise<ExitCode | undefined>;

interface GlobalOptions {
  readonly json?: true;
  readonly dataDir?: string;
}

/** Runs the bodies of commands in this process: streams, settings, errors and exit codes in one place. */
export class CommandHost {
  readonly #environment: NodeJS.ProcessEnv;
  #exitCode: ExitCode = EXIT.ok;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Parses the command line and runs what it names; answers the exit code. */
  async execute(program: Command, args: readonly string[]): Promise<ExitCode> {
    try {
      await program.parseAsync(args, { from: 'user' });
      return this.#exitCode;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
  }

  /** Runs the body of `command`, whatever it throws ending up as one line and an exit code. */
  async run(command: Command, body: CommandBody): Promise<void> {
    const { json, dataDir } = command.optsWithGlobals<GlobalOptions>();
    const io = new ProcessIo(json === true);
    try {
      const environment = { ...this.#environment, ...(dataDir && { DATA_DIR: dataDir }) };
      this.#exitCode = (await body(io, readSettings(environment))) ?? EXIT.ok;
      if (io.signal.aborted) this.#exitCode = this.#codeOf(io, io.signal.reason);
    } catch (error) {
      this.#exitCode = this.#codeOf(io, error);
    } finally {
      io.close();
    }
  }

  #codeOf(io: CommandIo, error: unknown): ExitCode {
    if (error instanceof OutputClosedError) return EXIT.ok;
    if (error instanceof InterruptedError) return EXIT.interrupted;
    if (io.signal.aborted && error instanceof Error && error.name === 'AbortError') {
      return this.#codeOf(io, io.signal.reason);
    }
    io.note(`${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}
