import { stripVTControlCharacters } from 'node:util';
import { LONGEST_TEXT, MOST_LINES } from '../../runner-status/invocation-report.js';

/** Lines that were written to this process's stdout and stderr for a while. They are still written as well. */
export class WrittenLines {
  static #current: WrittenLines | undefined;
  static #listening = false;
  readonly #lines: string[] = [];
  #leftOff = 0;
  #begun = '';

  /** From now until `end`. If two overlap, only the later one gets lines. */
  static begin(): WrittenLines {
    WrittenLines.#listen();
    WrittenLines.#current = new WrittenLines();
    return WrittenLines.#current;
  }

  end(): { readonly lines: readonly string[]; readonly linesLeftOff: number } {
    if (WrittenLines.#current === this) WrittenLines.#current = undefined;
    if (this.#begun !== '') this.#add('\n');
    return { lines: this.#lines, linesLeftOff: this.#leftOff };
  }

  static #listen(): void {
    if (WrittenLines.#listening) return;
    WrittenLines.#listening = true;
    for (const stream of [process.stdout, process.stderr]) {
      const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
      stream.write = (...args: readonly unknown[]): boolean => {
        const [chunk] = args;
        if (WrittenLines.#current !== undefined) WrittenLines.#current.#add(textOf(chunk));
        return write(...args);
      };
    }
  }

  #add(text: string): void {
    const lines = (this.#begun + text).split('\n');
    this.#begun = (lines.pop() ?? '').slice(0, LONGEST_TEXT);
    for (const line of lines) {
      if (line === '') continue;
      if (this.#lines.length === MOST_LINES) this.#leftOff++;
      else this.#lines.push(stripVTControlCharacters(line).slice(0, LONGEST_TEXT));
    }
  }
}

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : '';
}
