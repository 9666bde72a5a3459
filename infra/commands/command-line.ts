import { type Command, CommanderError } from 'commander';
import { stopWithNpm } from './npm-watch.js';

/** What a command tells the shell (69 is EX_UNAVAILABLE of sysexits.h). */
export const EXIT = { ok: 0, failed: 1, usage: 2, noBroker: 69 } as const;

/** Ends a command with one clear line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Runs a program and sets the exit code; what goes wrong is one line on stderr. */
export async function runProgram(program: Command): Promise<void> {
  stopWithNpm();
  handOver(program);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    // Commander has printed its own complaint.
    if (!(error instanceof CommanderError)) process.stderr.write(`${(error as Error).message}\n`);
  }
}

/** Ends by throwing, and complains in one line. Subcommands made before do not inherit it. */
function handOver(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')}\n`) });
  for (const subcommand of command.commands) handOver(subcommand);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  return EXIT.failed;
}

/** A notice for people; results go to stdout. */
export function notice(text: string): void {
  process.stderr.write(`${text}\n`);
}
