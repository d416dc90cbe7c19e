import { useEffect, useEffectEvent, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { PresenceShape } from '../../ui/presence.tsx';
import { Segments } from '../../ui/segments.tsx';
import { ORDERS, PUSHES, STATES, type StateFilter, type UserFilters } from './user-filters.ts';

/** Time after the last key before the list is searched. */
const TYPING_MS = 250;
const LONGEST_PREFIX = 512;

export function UsersToolbar({
  filters,
  onChange,
  onReload,
}: {
  readonly filters: UserFilters;
  readonly onChange: (filters: UserFilters) => void;
  readonly onReload: () => void;
}) {
  return (
    <div className="toolbar" role="search">
      <Search filters={filters} onChange={onChange} />
      <Segments
        name="State"
        values={STATES}
        value={filters.state}
        onChange={(state) => onChange({ ...filters, state })}
        label={(state) => <StateLabel state={state} />}
      />
      <Choice
        name="Push"
        values={PUSHES}
        value={filters.push}
        onChange={(push) => onChange({ ...filters, push })}
      />
      <Choice
        name="Order"
        values={ORDERS}
        value={filters.order}
        onChange={(order) => onChange({ ...filters, order })}
      />
      <Button kind="quiet" onClick={onReload}>
        Reload
      </Button>
    </div>
  );
}

function Search({
  filters,
  onChange,
}: {
  readonly filters: UserFilters;
  readonly onChange: (filters: UserFilters) => void;
}) {
  const [text, setText] = useState(filters.prefix);
  const search = useEffectEvent(() => {
    if (text !== filters.prefix) onChange({ ...filters, prefix: text });
  });
  useEffect(() => {
    const timer = window.setTimeout(search, TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      aria-label="Identity begins with"
      placeholder="Identity begins with…"
      autoComplete="off"
      spellCheck={false}
      maxLength={LONGEST_PREFIX}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

function StateLabel({ state }: { readonly state: StateFilter }) {
  if (state === 'all') return state;
  return (
    <>
      <span className={`presence presence-${state}`}>
        <PresenceShape presence={state} />
      </span>
      {state}
    </>
  );
}

function Choice<T extends string>({
  name,
  values,
  value,
  onChange,
}: {
  readonly name: string;
  readonly values: readonly T[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  return (
    <label className="inline-field">
      <span>{name}</span>
      <select
        value={value}
        onChange={({ target }) => {
          const chosen = values[target.selectedIndex];
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {values.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}
