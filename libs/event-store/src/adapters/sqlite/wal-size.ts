/**
 * Bytes that the file of a write-ahead log keeps once it is checkpointed. A long read by any process can make it grow
 * without a bound; without a limit the file would stay at its peak. Larger than a log that is checkpointed in time, so
 * that its file is not truncated and extended again and again.
 */
export const WAL_SIZE_LIMIT = 32 * 1024 * 1024;
