export { adoptEventLog, copyEventLog, type CopyOptions, type LogContents } from './copy-log.ts';
export { openReadOnlyEventStore } from './read-only-event-store.ts';
export { openSqliteEventLog } from './sqlite-event-log.ts';
export { openSqliteEventStore, type SqliteEventStoreOptions } from './sqlite-event-store.ts';
export { UnsupportedFileError } from './sqlite-errors.ts';
