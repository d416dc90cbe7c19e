import { readFileSync } from 'node:fs';
import { InvalidSettingError } from './invalid-setting-error.ts';

const SUFFIX = '_FILE';
const names = new Set<string>();

/** Marks a setting as a secret: `<name>_FILE` may name a file that holds its value. */
export function Secret(): PropertyDecorator {
  return (_, name) => {
    names.add(String(name));
  };
}

/** Returns the names of the settings that are marked with {@link Secret}. */
export function secretNames(): readonly string[] {
  return [...names];
}

/**
 * Returns the environment with the secrets that come from files. Line breaks at the end of a file are not part of the
 * secret. An empty variable counts as unset.
 *
 * @throws InvalidSettingError where a file is empty or cannot be read, or a secret is set twice. The message has neither
 *   the path nor the contents: a secret that was given instead of a path must not reach the log.
 */
export function withSecretsFromFiles(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read = secretNames().flatMap((name) => {
    const path = environment[name + SUFFIX] ?? '';
    if (path === '') return [];
    if ((environment[name] ?? '') !== '') {
      throw new InvalidSettingError(`${name} and ${name}${SUFFIX} must not both be set`);
    }
    return [[name, readSecret(name + SUFFIX, path)] as const];
  });
  return { ...environment, ...Object.fromEntries(read) };
}

function readSecret(setting: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const hasCode = typeof error === 'object' && error !== null && 'code' in error;
    const reason = hasCode ? String(error.code) : 'unknown error';
    throw new InvalidSettingError(`${setting} names a file that cannot be read: ${reason}`);
  }
  const secret = text.replace(/[\r\n]+$/, '');
  if (secret === '') throw new InvalidSettingError(`${setting} names an empty file`);
  return secret;
}
