/**
 * Tables of the `summary` projection. Totals are what Users add up to now; buckets have what changed in them, so that the
 * numbers at the end of a bucket are the present ones without all later changes. Neither has rows of zeros, except for the
 * total of each Service, which has the time of its latest change.
 */
export const SUMMARY_SCHEMA = `
  CREATE TABLE summary_states (
    key TEXT PRIMARY KEY,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE summary_totals (
    service_sid TEXT NOT NULL,
    flag TEXT NOT NULL,
    users INTEGER NOT NULL,
    open_connections INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    online INTEGER NOT NULL,
    notifiable INTEGER NOT NULL,
    latest TEXT,
    PRIMARY KEY (service_sid, flag)
  ) STRICT, WITHOUT ROWID;
  ${['summary_minutes', 'summary_hours']
    .map(
      (table) => `
  CREATE TABLE ${table} (
    service_sid TEXT NOT NULL,
    bucket TEXT NOT NULL,
    flag TEXT NOT NULL,
    users INTEGER NOT NULL,
    open_connections INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    online INTEGER NOT NULL,
    notifiable INTEGER NOT NULL,
    PRIMARY KEY (service_sid, bucket, flag)
  ) STRICT, WITHOUT ROWID;`,
    )
    .join('')}
`;
