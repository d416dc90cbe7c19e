import { useId, type ReactNode } from 'react';

/** A choice of one of a few values, all of them visible. */
export function Segments<T extends string>({
  name,
  values,
  value,
  onChange,
  label = (each) => each,
}: {
  readonly name: string;
  readonly values: readonly T[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly label?: (value: T) => ReactNode;
}) {
  const group = useId();
  return (
    <fieldset className="segments" aria-label={name}>
      {values.map((each) => (
        <label key={each} className="segment">
          <input
            type="radio"
            name={group}
            value={each}
            checked={value === each}
            onChange={() => onChange(each)}
          />
          <span>{label(each)}</span>
        </label>
      ))}
    </fieldset>
  );
}
