#!/usr/bin/env node
/** Entry point. It has no static imports, so that an old Node prints a sentence instead of a syntax error. */
const MIN_NODE = [22, 13] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
  process.stderr.write(
    `reachability needs Node ${MIN_NODE.join('.')} or later; this is ${process.versions.node}\n`,
  );
  process.exit(3);
}

// Files and folders that this process creates are for its user only.
process.umask(0o077);

const { runCli } = await import('./cli.ts');
process.exitCode = await runCli(process.argv.slice(2), process.env);
