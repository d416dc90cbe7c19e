import { changesContract } from './read-model/changes.contract.ts';
import { openInFiles } from './read-model/open-in-files.ts';
import { usersContract } from './read-model/users.contract.ts';

usersContract('files', openInFiles);
changesContract('files', openInFiles, 60);
