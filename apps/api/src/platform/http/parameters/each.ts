import { ValidateBy, type ValidationArguments } from 'class-validator';

/** Most characters of a value that an error repeats. */
const LONGEST_SHOWN = 60;

/**
 * Checks each value of a list. The error names the parameter and the first wrong value. Whether there is a list at all is
 * for another check, such as `IsArray`.
 *
 * @param expected completes "which is not": `the sid of a Service`
 */
export const Each = (isValid: (value: unknown) => boolean, expected: string): PropertyDecorator =>
  ValidateBy({
    name: 'each',
    validator: {
      validate: (list: unknown) => !Array.isArray(list) || list.every(isValid),
      defaultMessage: (found?: ValidationArguments) => {
        const list: unknown = found?.value;
        const wrong: unknown = Array.isArray(list) ? list.find((value) => !isValid(value)) : list;
        return `${found?.property ?? 'A list'} contains ${shown(wrong)}, which is not ${expected}`;
      },
    },
  });

/** Checks that each value of a list is one of some texts. */
export const EachIn = (texts: readonly string[]): PropertyDecorator =>
  Each((value) => isText(value) && texts.includes(value), `one of ${texts.join(', ')}`);

/** Checks that each value of a list is a text that matches a pattern. */
export const EachMatches = (pattern: RegExp, expected: string): PropertyDecorator =>
  Each((value) => isText(value) && pattern.test(value), expected);

/** Checks that each value of a list is a text. */
export const EachText = (): PropertyDecorator => Each(isText, 'text');

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (!isText(value)) return String(value);
  const isLong = value.length > LONGEST_SHOWN;
  return JSON.stringify(isLong ? `${value.slice(0, LONGEST_SHOWN)}...` : value);
}
