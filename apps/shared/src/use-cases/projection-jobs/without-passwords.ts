import { maskPasswords } from '#domain';
import type { RowDifference } from '#projections';

/** Returns a difference without the passwords in columns that hold JSON. Where only they differ, the text says so. */
export function withoutPasswords(difference: RowDifference): RowDifference {
  const columns = difference.columns.map(({ column, ...values }) => {
    const live = maskedJson(values.live);
    const rebuilt = maskedJson(values.rebuilt);
    const note = live === rebuilt ? ' (another password)' : '';
    return { column, live: `${live}${note}`, rebuilt };
  });
  return { ...difference, columns };
}

/** Text that is not JSON is returned as it is. */
function maskedJson(text: string): string {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.stringify(maskPasswords(JSON.parse(text)));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
