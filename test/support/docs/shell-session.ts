import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until.ts';

/** Printed after each script. No output of a command has it. */
const END = '\0';
/** Longest time for a script, in milliseconds. */
const PATIENCE_MS = 30_000;

/** A shell as a reader has it open: variables, functions and files of earlier commands stay. */
export class ShellSession {
  readonly #shell: ChildProcess;
  readonly #folder: string;
  #stdout = '';
  #stderr = '';
  #count = 0;

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#shell = spawn('bash', ['--norc', '--noprofile'], { cwd: folder, env, stdio: 'pipe' });
    this.#shell.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#shell.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#type('set -eu');
  }

  /** Runs a script to its end, and returns what it printed to standard output. @throws Error if a command fails */
  async run(script: string): Promise<string> {
    this.#type(`source ${this.#write(script)} </dev/null; printf '\\0'`);
    return this.#ended(script);
  }

  /** Runs a script that goes on until Ctrl-C, and ends it once its output is accepted. */
  async runUntil(script: string, isExpected: (stdout: string) => boolean): Promise<void> {
    this.#type(`set -m; (source ${this.#write(script)}) </dev/null & endless=$!; set +m`);
    try {
      await until('the output', () => isExpected(this.#stdout) || undefined, PATIENCE_MS);
    } catch (cause) {
      throw new Error(`It printed:\n${this.#stdout}${this.#stderr}`, { cause });
    }
    this.#type("kill -- -$endless; wait $endless || true; printf '\\0'");
    await this.#ended(script);
  }

  /** Returns the text with `$name` replaced by the values of the variables of this shell. */
  async expand(text: string): Promise<string> {
    let expanded = text;
    for (const [placeholder, name = ''] of text.matchAll(/\$([a-z_]+)/g)) {
      expanded = expanded.replace(placeholder, await this.run(`printf %s "$${name}"`));
    }
    return expanded;
  }

  async close(): Promise<void> {
    if (this.#shell.exitCode !== null) return;
    const exited = once(this.#shell, 'exit');
    this.#shell.kill('SIGKILL');
    await exited;
  }

  /** A file, so that commands which read standard input do not read the scripts that follow. */
  #write(script: string): string {
    this.#count += 1;
    const file = join(this.#folder, `.script-${this.#count}.sh`);
    writeFileSync(file, script);
    return file;
  }

  #type(line: string): void {
    this.#shell.stdin?.write(`${line}\n`);
  }

  async #ended(script: string): Promise<string> {
    await until(
      `the end of:\n${script}`,
      () => this.#stdout.includes(END) || this.#shell.exitCode !== null || undefined,
      PATIENCE_MS,
    );
    const [printed = '', rest] = this.#stdout.split(END);
    if (rest === undefined) {
      const code = String(this.#shell.exitCode);
      throw new Error(`Exit code ${code} of:\n${script}\n${printed}${this.#stderr}`);
    }
    this.#stdout = '';
    this.#stderr = '';
    return printed;
  }
}
