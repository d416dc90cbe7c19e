import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { createCommands } from '../../../apps/cli/src/cli.ts';
import { CommandHost } from '../../../apps/cli/src/command-host.ts';
import { snippetsOf } from '../../support/docs/snippets.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGES = globSync(
  ['*.md', 'docs/*.md', 'examples/*.md', 'libs/client/*.md', 'deploy/**/*.md'],
  {
    cwd: ROOT,
  },
);
/** Files that an operator writes. */
const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n');
const commands = createCommands(new CommandHost({}));

/** Returns the command that the words of a command line name, and the words after its name. */
function commandOf(words: readonly string[]): { command: Command; rest: readonly string[] } {
  let command = commands;
  let at = 0;
  for (;;) {
    const next = command.commands.find((child) => child.name() === words[at]);
    if (next === undefined) return { command, rest: words.slice(at) };
    command = next;
    at += 1;
  }
}

function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();
}

function optionsOf(command: Command | null): string[] {
  if (command === null) return ['--help'];
  const own = command.options.flatMap(({ long }) => long ?? []);
  return [...own, ...optionsOf(command.parent)];
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

/** The lines of usage of docs/cli.md, each with its command. */
const usages = snippetsOf(readFileSync(join(ROOT, 'docs/cli.md'), 'utf8'))
  .filter(({ language }) => language === 'usage')
  .flatMap(({ code }) => code.trim().split(/\n(?=reachability )/))
  .map((line) => line.replace(/\n\s+/g, ' '))
  // `dead-letters [list] [name]`: a command that may be left out.
  .map((line) => ({ line, ...commandOf(line.replace('[list]', 'list').split(' ').slice(1)) }));

describe('docs/cli.md', () => {
  it.each(
    [...new Set(usages.map(({ command }) => command))].map(
      (command) => [pathOf(command), command] as const,
    ),
  )('has the options of %s, and no others', (_, command) => {
    expect(command.commands).toEqual([]);
    const lines = usages.filter((usage) => usage.command === command).map(({ line }) => line);
    const named = [...lines.join(' ').matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option);
    const own = command.options.flatMap(({ long }) => long ?? []);
    expect([...new Set(named)].sort()).toEqual(own.sort());
  });

  it('has every command', () => {
    const named = new Set(usages.map(({ command }) => pathOf(command)));
    const all = leavesOf(commands).map(pathOf);
    expect(all.filter((path) => !named.has(path))).toEqual([]);
  });
});

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  it('names commands and options of the command line that exist', () => {
    const lines = [...text.matchAll(/(?:npx |`)reachability ((?:[^\n`\\|]|\\\n)+)/g)];
    const wrong = lines.flatMap(([, line = '']) => {
      const { command } = commandOf(line.replaceAll('\\\n', ' ').split(/\s+/));
      const known = optionsOf(command);
      const unknown = [...line.matchAll(/(?<=\s)--[a-z][a-z-]*/g)].filter(
        ([option]) => !known.includes(option),
      );
      return command === commands || unknown.length > 0 ? [line] : [];
    });
    expect(wrong).toEqual([]);
  });

  it('names npm scripts and files that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...text.matchAll(/\bnpm run ([a-z][a-z-]*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    const files = [
      ...text.matchAll(/(?<=[\s`])((?:apps|deploy|examples|libs|scripts|test)\/[\w./-]*\w)/g),
    ];
    const missing = files
      .map(([, path = '']) => path)
      .filter((path) => !ignored.includes(path))
      .filter((path) => globSync(path, { cwd: ROOT }).length === 0);
    expect(missing).toEqual([]);
  });
});
