import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../..');
const MIGRATIONS = 'libs/postgres/migrations';
const CONSOLE = 'dist/apps/console';
const PARTS = ['apps', 'libs', 'package.json', 'tsconfig.json'];

/** Whether the repository has a commit: a shallow clone, or an unpacked archive, has not. */
export function hasCommit(commit: string): boolean {
  const found = spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT });
  return found.status === 0;
}

/**
 * The program as it was at an earlier commit, built with the packages of the present one. Packages that only such a program
 * needs are dependencies for development: `jose`.
 */
export class OlderProgram {
  /** The folder that has its `dist`. */
  readonly root = mkdtempSync(join(tmpdir(), 'reachability-older-'));

  constructor(commit: string) {
    const archive = join(this.root, 'archive.tar');
    execFileSync('git', ['archive', '-o', archive, commit, ...PARTS], { cwd: ROOT });
    execFileSync('tar', ['-x', '-f', archive, '-C', this.root]);
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'));
    const { config } = ts.readConfigFile(join(this.root, 'tsconfig.json'), (file) =>
      readFileSync(file, 'utf8'),
    ) as {
      config: { compilerOptions: object };
    };
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, this.root);
    const sources = globSync('{apps/{api,cli,shared},libs}/**/*.ts', { cwd: this.root });
    for (const file of sources) if (!file.endsWith('.spec.ts')) this.#compile(file, options);
    cpSync(join(this.root, MIGRATIONS), join(this.root, 'dist', MIGRATIONS), { recursive: true });
    // The console takes long to build, and is not what a test of an upgrade asks for.
    cpSync(join(ROOT, CONSOLE), join(this.root, CONSOLE), { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Compiles one file without its types, which were checked when it was the present program. */
  #compile(file: string, compilerOptions: ts.CompilerOptions): void {
    const source = readFileSync(join(this.root, file), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      fileName: join(this.root, file),
      // One file alone does not show that its package has ES modules.
      compilerOptions: { ...compilerOptions, module: ts.ModuleKind.ESNext, sourceMap: false },
    });
    const target = join(this.root, 'dist', file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
}
