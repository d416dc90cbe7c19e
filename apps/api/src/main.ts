/** Entry point. It has no static imports, so that an old Node prints this message and not a syntax error. */
const OLDEST_NODE = [22, 13] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  process.stderr.write(
    `Reachability needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node}\n`,
  );
  process.exit(1);
}

// Files and folders that this process creates are for its user only.
process.umask(0o077);

const { run } = await import('./bootstrap.ts');
await run();
