import { type Argument, Command, CommanderError, InvalidArgumentError, type Option } from 'commander';
import { requireNode } from '../node-version.mjs';
import { stopWithNpm } from '../process/npm-watch.js';
import { printNotice } from '../terminal/printable.js';
import { PACKAGE_JSON, packageVersion } from './package-json.js';
import { endOnBrokenPipe, isPipeBroken } from './pipe.js';

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

/** Runs a program and sets the exit code; an error is one line on stderr. */
export async function runProgram(program: Command | (() => Promise<Command>)): Promise<void> {
  requireNode(PACKAGE_JSON);
  // Stack traces name the lines of the sources.
  process.setSourceMapsEnabled(true);
  stopWithNpm();
  endOnBrokenPipe();
  try {
    const command = program instanceof Command ? program : await program();
    handOver(command);
    await command.parseAsync();
  } catch (error) {
    // The reader has closed the pipe and wants no more output.
    if (isPipeBroken()) return;
    process.exitCode = exitCodeOf(error);
    // Commander has already printed its own message.
    if (!(error instanceof CommanderError)) notice((error as Error).message);
  }
}

/** Makes errors throw and be reported in one line. Subcommands that were created before do not inherit it. */
function handOver(command: Command): void {
  command.exitOverride();
  command.version(packageVersion(), '--version', 'print the version');
  command.configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')}\n`) });
  for (const option of command.options) trim(option);
  for (const argument of command.registeredArguments) trim(argument);
  checkInOrder(command);
  for (const subcommand of command.commands) handOver(subcommand);
}

/** Values that are taken literally. */
const verbatim = new WeakSet<Option>();

/** Adds an option whose value may be empty, and keeps its blanks. */
export function verbatimOption(option: Option): Option {
  verbatim.add(option);
  return option;
}

/** An empty value means nothing, and blanks around a value are accidental. */
function trim(given: Option | Argument): void {
  if ('flags' in given && ((!given.required && !given.optional) || verbatim.has(given))) return;
  const { parseArg, variadic } = given;
  given.argParser((text: string, before: unknown) => {
    const value = text.trim();
    if (value === '') throw new InvalidArgumentError('It must not be empty.');
    if (parseArg !== undefined) return parseArg(value, before);
    return variadic ? [...(Array.isArray(before) ? before : []), value] : value;
  });
}

/**
 * Reports an unknown option, or a surplus argument, before a missing one: commander does it the other way round, and does not
 * name the argument.
 */
function checkInOrder(command: Command): void {
  const mandatory = command.options.filter((option) => option.mandatory);
  for (const option of mandatory) option.makeOptionMandatory(false);
  command.allowExcessArguments();
  command.hook('preAction', (_, acting) => {
    if (acting !== command) return;
    const last = command.registeredArguments.at(-1);
    const surplus = last?.variadic ? undefined : command.args[command.registeredArguments.length];
    if (surplus !== undefined) command.error(`error: unexpected argument '${surplus}'`);
    for (const option of mandatory) {
      if (command.getOptionValue(option.attributeName()) !== undefined) continue;
      command.error(`error: required option '${option.flags}' not specified`);
    }
  });
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  return EXIT.failed;
}

/** A notice for people; results go to stdout. */
export const notice = printNotice;
