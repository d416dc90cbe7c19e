import type { ReactNode } from 'react';

export type Tone = 'good' | 'bad' | 'neutral';

/** A state in a word. Its colour repeats what the word says. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}
