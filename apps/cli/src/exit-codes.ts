/** The exit codes of all commands. `--help` and `docs/cli.md` list them. */
export const EXIT = {
  ok: 0,
  /** The command found differences or damage, or a verification failed. */
  failed: 1,
  /** The command line is wrong, or names something that does not exist. */
  usage: 2,
  /** The event store or the read model cannot be reached or used. */
  unavailable: 3,
  /** Ended by Ctrl-C or SIGTERM. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    differences, damage, a failed verification
  2    wrong usage, or a name that does not exist
  3    the event store or the read model cannot be reached or used
  130  interrupted by Ctrl-C or SIGTERM`;
