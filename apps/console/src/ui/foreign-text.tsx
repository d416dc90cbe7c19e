import { visibleText } from './visible-text.ts';

/** Text that somebody else has written: it cannot change how its surroundings or it itself are read. */
export function ForeignText({ children }: { readonly children: string }) {
  return <bdi>{visibleText(children)}</bdi>;
}
