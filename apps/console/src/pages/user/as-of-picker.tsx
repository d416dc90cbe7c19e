import { useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { fromLocalField, toLocalField } from './local-time.ts';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Asks "what was it at …". */
export function AsOfPicker({
  at,
  onPick,
}: {
  readonly at: string | null;
  /** Called with a time in ISO 8601, or null for the present. */
  readonly onPick: (at: string | null) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <form
      className="toolbar"
      onSubmit={(event) => {
        event.preventDefault();
        onPick(fromLocalField(field.current?.value ?? ''));
      }}
    >
      <label className="inline-field">
        <span>What was it at</span>
        <input
          key={at}
          ref={field}
          type="datetime-local"
          step={1}
          required
          defaultValue={at === null ? '' : toLocalField(at)}
        />
      </label>
      <span className="muted wide-only">{ZONE}</span>
      <Button type="submit">Show</Button>
      {at !== null && (
        <Button kind="quiet" onClick={() => onPick(null)}>
          Back to now
        </Button>
      )}
    </form>
  );
}
