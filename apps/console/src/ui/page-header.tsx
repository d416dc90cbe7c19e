import type { ReactNode } from 'react';
import { Link } from 'react-router';

/** Heading of a page, with the way to it and what can be done on it. */
export function PageHeader({
  title,
  documentTitle,
  above = [],
  actions,
  children,
}: {
  readonly title: ReactNode;
  readonly documentTitle: string;
  /** Pages above this one. */
  readonly above?: readonly { readonly to: string; readonly name: ReactNode }[];
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <div className="page-header">
      <title>{`${documentTitle} · Reachability`}</title>
      {above.length > 0 && (
        <nav aria-label="Above this page" className="crumbs">
          {above.map(({ to, name }) => (
            <Link key={to} to={to}>
              {name}
            </Link>
          ))}
        </nav>
      )}
      <div className="page-title-row">
        <h1 className="page-title">{title}</h1>
        <div className="page-actions">{actions}</div>
      </div>
      {children}
    </div>
  );
}
