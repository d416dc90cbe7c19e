import { isDeepStrictEqual } from 'node:util';
import { maskPasswords } from '#domain';

/** A setting that has another value than before. Passwords in URLs are masked. */
export interface SettingChange {
  /** Path of the setting, such as `limits.userChannels`. */
  readonly setting: string;
  /** JSON; null also where the setting had no value. */
  readonly before: unknown;
  readonly after: unknown;
  /** Whether only a password changed: masked, both values look the same. */
  readonly onlyPassword: boolean;
}

/** Returns the settings, at any depth, that differ between two objects. */
export function settingChanges(before: object, after: object): SettingChange[] {
  const [old, current] = [leavesOf(before), leavesOf(after)];
  const [oldMasked, currentMasked] = [masked(before), masked(after)];
  return [...new Set([...old.keys(), ...current.keys()])]
    .filter((setting) => !isDeepStrictEqual(old.get(setting), current.get(setting)))
    .map((setting) => {
      const [then, now] = [oldMasked.get(setting) ?? null, currentMasked.get(setting) ?? null];
      return { setting, before: then, after: now, onlyPassword: isDeepStrictEqual(then, now) };
    });
}

type Leaves = ReadonlyMap<string, unknown>;

function masked(value: object): Leaves {
  return leavesOf(maskPasswords(value));
}

/** The values of an object by their paths; a list is one value. */
function leavesOf(value: unknown, path = ''): Leaves {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map([[path, value]]);
  }
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...leavesOf(inner, path === '' ? name : `${path}.${name}`),
    ]),
  );
}
