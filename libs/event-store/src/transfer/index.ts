export { DamagedFileError, NewerExportError, StoreDiffersError } from './errors.ts';
export { exportFile, exportTo, type ExportOptions, type ExportSummary } from './export.ts';
export type { Finding, FindingCode } from './findings.ts';
export {
  importFile,
  type ImportOptions,
  type ImportProgress,
  type ImportSummary,
} from './import.ts';
export { logStats, type LogStats, type ReadLogOptions } from './stats.ts';
export { verifyLog, type LogVerification, type VerifyOptions } from './verify.ts';
export { writeInOrder, type WriteOptions } from './write-in-order.ts';
