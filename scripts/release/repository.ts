import { CheckError, passed, type Check, type Outcome } from './check.ts';
import { runCommand } from './command.ts';

const BRANCH = 'main';

/** Returns the name of the tag of a version. */
export const tagOf = (version: string): string => `v${version}`;

/** Returns the checks that what is released is what the repository has. */
export function repositoryChecks(root: string, version: string): Check[] {
  return [
    { name: 'branch', run: () => checkBranch(root) },
    { name: 'tree', run: () => checkTree(root) },
    { name: 'tag', run: () => checkTag(root, tagOf(version)) },
  ];
}

/** Tags the present commit. */
export function tagRelease(root: string, version: string): void {
  runCommand(root, 'git', 'tag', '-a', tagOf(version), '-m', `Reachability ${version}`);
}

function checkBranch(root: string): Outcome {
  const branch = runCommand(root, 'git', 'branch', '--show-current').trim();
  if (branch === BRANCH) return passed(branch);
  throw new CheckError(`the branch is ${branch === '' ? 'detached' : branch}, not ${BRANCH}`);
}

function checkTree(root: string): Outcome {
  const changes = runCommand(root, 'git', 'status', '--porcelain').split('\n').filter(Boolean);
  const [first] = changes;
  if (first === undefined) return passed('nothing is uncommitted');
  const more = changes.length > 1 ? `, and ${changes.length - 1} more` : '';
  throw new CheckError(`${first.slice(3)} is not committed${more}`);
}

function checkTag(root: string, tag: string): Outcome {
  if (runCommand(root, 'git', 'tag', '--list', tag).trim() === '') return passed(tag);
  throw new CheckError(`the tag ${tag} exists`);
}
