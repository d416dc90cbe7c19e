/**
 * Ends the process with one line where Node is too old. Import what needs a newer Node after it, by `import()`: what is
 * imported statically is linked before any of it runs.
 */
const OLDEST_NODE = [22, 13];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(
    `reachability needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node}`,
  );
  process.exit(3);
}
