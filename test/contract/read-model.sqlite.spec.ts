import { openInFiles } from './read-model/open-in-files.ts';
import { userListsContract } from './read-model/user-lists.contract.ts';
import { usersContract } from './read-model/users.contract.ts';

userListsContract('files', openInFiles);
usersContract('files', openInFiles);
