import { CommanderError, type Command } from 'commander';
import type { Stores } from '#shared/composition/stores';
import { readSettings, type Settings } from '#shared/settings/settings';
import { errorLine, exitCodeOf } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { InterruptedError, OutputClosedError, type CommandIo } from './io/command-io.ts';
import { ProcessIo } from './io/process-io.ts';
import { withStores, type WithStoresOptions } from './stores/with-stores.ts';

/** What a command works with. */
interface CommandEnvironment {
  readonly io: CommandIo;
  readonly settings: Settings;
  readonly stores: Stores;
}

/** The body of a command. The exit code is 0 where it returns none. */
type CommandBody = (environment: CommandEnvironment) => Promise<ExitCode> | Promise<void>;

interface GlobalOptions {
  readonly json?: true;
  readonly dataDir?: string;
}

/** Runs the bodies of commands: the one place for streams, settings, stores, errors and exit codes. */
export class CommandHost {
  readonly #environment: NodeJS.ProcessEnv;
  #exitCode: ExitCode = EXIT.ok;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Parses the command line and runs its command; returns the exit code. */
  async execute(program: Command, args: readonly string[]): Promise<ExitCode> {
    try {
      await program.parseAsync(args, { from: 'user' });
      return this.#exitCode;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
  }

  /** Opens the stores and runs the body of `command`. An error becomes one line and an exit code. */
  run(command: Command, body: CommandBody, options: WithStoresOptions = {}): Promise<void> {
    return this.runWithoutStores(command, ({ io, settings }) =>
      withStores(
        settings,
        async (stores) => (await body({ io, settings, stores })) ?? EXIT.ok,
        options,
      ),
    );
  }

  /** Like {@link run}, for a command that only reads: a data directory that cannot be written will do. */
  read(command: Command, body: CommandBody): Promise<void> {
    return this.run(command, body, { onlyReads: true });
  }

  /** Runs the body of a command that opens no stores. An error becomes one line and an exit code. */
  async runWithoutStores(
    command: Command,
    body: (environment: Omit<CommandEnvironment, 'stores'>) => Promise<ExitCode>,
  ): Promise<void> {
    const { json, dataDir } = command.optsWithGlobals<GlobalOptions>();
    const io = new ProcessIo(json === true);
    try {
      const settings = readSettings({
        ...this.#environment,
        ...(dataDir && { DATA_DIR: dataDir }),
      });
      const code = await body({ io, settings });
      this.#exitCode = io.signal.aborted ? this.#report(io, io.signal.reason) : code;
    } catch (error) {
      this.#exitCode = this.#report(io, error);
    } finally {
      io.close();
    }
  }

  /** Prints an error as one line, unless the command was interrupted; returns its exit code. */
  #report(io: CommandIo, error: unknown): ExitCode {
    if (error instanceof OutputClosedError) return EXIT.ok;
    if (error instanceof InterruptedError) return EXIT.interrupted;
    if (io.signal.aborted && error instanceof Error && error.name === 'AbortError') {
      return this.#report(io, io.signal.reason);
    }
    io.note(`${errorLine(error)}\n`);
    return exitCodeOf(error);
  }
}
