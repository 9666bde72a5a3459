import { userInfo } from 'node:os';

/** The name of this machine's user, and the command: for logs of who did what. */
export function whoAsks(command: string): string {
  try {
    return `${userInfo().username}, with ${command}`;
  } catch {
    // A user in a container may have no name.
    return command;
  }
}
