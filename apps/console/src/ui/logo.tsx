/** The mark of the product. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <circle className="logo-ring" cx="8" cy="8" r="6.6" />
      <circle className="logo-dot" cx="8" cy="8" r="3.4" />
    </svg>
  );
}
