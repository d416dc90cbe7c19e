import { Type } from 'typebox';
import { Compile } from 'typebox/schema';

/** Most file descriptors that are kept for files, databases, webhooks and health checks. */
const MAX_RESERVE = 512;
/** Where the system sets no limit. */
const UNLIMITED = 1_000_000;

const reports = Compile(
  Type.Object({
    userLimits: Type.Object({ open_files: Type.Object({ soft: Type.Unknown() }) }),
  }),
);

/** Returns how many file descriptors this process may open. */
export function fileDescriptorLimit(): number {
  // Otherwise the report looks up the names of all peers, and waits for them.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const soft = reports.Check(report) ? report.userLimits.open_files.soft : null;
  return typeof soft === 'number' ? soft : UNLIMITED;
}

/** Returns how many sockets clients may open, out of so many file descriptors. */
export function socketLimit(fileDescriptors: number): number {
  return fileDescriptors - Math.min(MAX_RESERVE, Math.ceil(fileDescriptors / 2));
}
