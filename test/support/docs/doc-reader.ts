import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { until } from '../until.ts';
import { beginsLike, findDifference, isTextLike } from './expected-output.ts';
import { FrameTranscript } from './frame-transcript.ts';
import type { ReaderFolder } from './reader-folder.ts';
import { ShellSession } from './shell-session.ts';
import type { Snippet } from './snippets.ts';

const { JsxEmit, ModuleKind, ScriptTarget, transpileModule } = ts;
const NODE = resolve(import.meta.dirname, '../../../node_modules/.bin/node');
/** What runs: the reader types it, or it is a program of theirs. */
const RUN = new Set(['sh', 'js', 'jsx', 'frames']);
/** What the snippet before prints. */
const OUTPUT = new Set(['text', 'json', 'html']);
/** What `docs-commands.spec.ts` compares with the command line itself. */
const USAGE = 'usage';
const UNTIL_STOPPED = 'until Ctrl-C';

/** Why a snippet is not carried out here: another test runs it, or none can. */
export interface LeftOut {
  readonly line: number;
  readonly reason: string;
  /** The test that runs it instead. */
  readonly test: string | null;
}

/** Returns whether a block of this language is what the snippet before it prints. */
export function isOutput(language: string): boolean {
  return OUTPUT.has(language);
}

/** Returns a program that prints the component `App` of a page, as a server renders it. */
function renderingOf(jsx: string): string {
  const options = { jsx: JsxEmit.ReactJSX, module: ModuleKind.ESNext, target: ScriptTarget.ESNext };
  const { outputText } = transpileModule(jsx, { compilerOptions: options });
  return `import { createElement as element } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
${outputText}
console.log(renderToStaticMarkup(element(App)));
`;
}

/** Returns why a page says that its snippet is not run here; null if it says nothing. */
export function leftOut({ marks, line }: Snippet): LeftOut | null {
  for (const mark of marks) {
    const [, reason] = /^not run: (.+)$/.exec(mark) ?? [];
    if (reason !== undefined) return { line, reason, test: null };
    const [, test] = /^run by (\S+)$/.exec(mark) ?? [];
    if (test !== undefined) return { line, reason: mark, test };
  }
  return null;
}

/** Carries out what a page says, in its order, as a reader with one terminal does. */
export class DocReader {
  readonly #folder: ReaderFolder;
  readonly #shell: ShellSession;
  readonly #frames: FrameTranscript;

  constructor(folder: ReaderFolder) {
    this.#folder = folder;
    this.#shell = new ShellSession(folder.path, folder.env);
    this.#frames = new FrameTranscript(folder.url);
  }

  /** Returns how many snippets it has run. @throws Error at the first that fails or prints something else */
  async follow(snippets: readonly Snippet[]): Promise<number> {
    let count = 0;
    for (const [at, snippet] of snippets.entries()) {
      if (leftOut(snippet) !== null || snippet.language === USAGE) continue;
      if (RUN.has(snippet.language)) {
        const next = snippets[at + 1];
        const hasOutput = next !== undefined && isOutput(next.language) && leftOut(next) === null;
        await this.#carryOut(snippet, hasOutput ? next : null);
        count += 1;
      } else if (!isOutput(snippet.language) || !RUN.has(snippets[at - 1]?.language ?? '')) {
        throw new Error(
          `Line ${snippet.line}: cannot run "${snippet.language}". Run it, or say "not run: <reason>" before it`,
        );
      }
    }
    return count;
  }

  async close(): Promise<void> {
    this.#frames.close();
    await this.#shell.close();
  }

  async #carryOut(snippet: Snippet, output: Snippet | null): Promise<void> {
    try {
      const code = this.#folder.addressed(snippet.code);
      if (snippet.language === 'frames') {
        await this.#frames.follow(await this.#shell.expand(code));
      } else if (snippet.marks.includes(UNTIL_STOPPED)) {
        if (output === null)
          throw new Error('It goes on, and the page does not say what it prints');
        await this.#runUntil(snippet, code, output);
      } else {
        const printed =
          snippet.language === 'sh'
            ? await this.#shell.run(code)
            : await this.#runModule(snippet, code);
        if (output !== null) this.#requireLike(output, printed);
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Line ${snippet.line}: ${reason}`, { cause });
    }
  }

  #requireLike({ language, code, line }: Snippet, printed: string): void {
    const shown = this.#folder.addressed(code);
    if (language !== 'json') {
      if (isTextLike(shown, printed)) return;
      throw new Error(`The output of line ${line} differs. It printed:\n${printed}`);
    }
    const difference = findDifference(shown, JSON.parse(printed));
    if (difference !== null) throw new Error(`The output of line ${line} differs. ${difference}`);
  }

  async #runUntil(snippet: Snippet, code: string, output: Snippet): Promise<void> {
    const shown = this.#folder.addressed(output.code);
    const isExpected = (printed: string): boolean => beginsLike(shown, printed);
    if (snippet.language === 'sh') {
      await this.#shell.runUntil(code, isExpected);
      return;
    }
    const child = await this.#startModule(snippet, code);
    try {
      await until('the output', () => isExpected(child.printed()) || child.hasEnded() || undefined);
      if (!isExpected(child.printed())) throw new Error(`It printed:\n${child.printed()}`);
    } finally {
      await child.stop();
    }
  }

  async #runModule(snippet: Snippet, code: string): Promise<string> {
    const child = await this.#startModule(snippet, code);
    const status = await child.ended();
    if (status === 0) return child.printed();
    throw new Error(`Exit code ${String(status)}:\n${child.printed()}${child.complaint()}`);
  }

  async #startModule({ language, line }: Snippet, code: string) {
    const file = join(this.#folder.path, `line-${line}.mjs`);
    const program = this.#folder.filledIn(code);
    writeFileSync(file, language === 'jsx' ? renderingOf(program) : program);
    const env = { ...this.#folder.env, ...(await this.#variables()) };
    const args = [...this.#folder.nodeArgs, file];
    const child = spawn(NODE, args, { cwd: this.#folder.path, env });
    const exited = once(child, 'close');
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return {
      printed: () => stdout,
      complaint: () => stderr,
      hasEnded: () => child.exitCode !== null,
      ended: async () => {
        await exited;
        return child.exitCode;
      },
      stop: async () => {
        child.kill('SIGTERM');
        await exited;
      },
    };
  }

  /** The variables of the shell, for what a program of the page leaves to the reader. */
  async #variables(): Promise<Record<string, string>> {
    const declared = await this.#shell.run('declare -p');
    const lines = declared.matchAll(/^declare -[-x]+ ([a-z_]+)="(.*)"$/gm);
    return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
  }
}
