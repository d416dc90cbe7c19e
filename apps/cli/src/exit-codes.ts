/** What the exit code of every command says; `--help` and `docs/cli.md` print the same. */
export const EXIT = {
  ok: 0,
  /** The question was answered, and the answer is no: differences, damage, a failed verification. */
  no: 1,
  /** The command line is wrong, or names something that is not there. */
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
  1    the answer is no: differences, damage, a failed verification
  2    wrong usage, or a name that does not exist
  3    the event store or the read model cannot be reached or used
  130  interrupted by Ctrl-C or SIGTERM`;
