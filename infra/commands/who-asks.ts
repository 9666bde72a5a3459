import { userInfo } from 'node:os';

/** The name of the user of this machine, and the command: for what keeps who did something. */
export function whoAsks(command: string): string {
  try {
    return `${userInfo().username}, with ${command}`;
  } catch {
    // A user of a container need not have a name.
    return command;
  }
}
