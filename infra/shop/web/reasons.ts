import type { LogEntry } from '../../../lib/dead-letters/log-entry.js';
import type { Fate } from '../../../lib/shop/floor/floor-event.js';

/** More than the stream of dead letters holds. */
const REMEMBERED = 50_000;
/** The reason is written before the dead letter, but into another stream: it may be read a little later. */
const PATIENCE_MS = 1_000;

/** Why messages were rejected, as their workers wrote it down, and what people did with them. */
export class Reasons {
  readonly #byId = new Map<string, string>();
  readonly #fates = new Map<string, Fate>();
  /** Nothing came since somebody waited in vain: who rejects here writes nothing down. */
  #silent = false;
  #wake = (): void => undefined;

  tell(entries: Iterable<LogEntry>): void {
    for (const { kind, id, reason } of entries) {
      if (kind === 'rejected') {
        remember(this.#byId, id, reason);
        this.#silent = false;
      } else remember(this.#fates, id, kind);
    }
    this.#wake();
  }

  of(id: string): string | undefined {
    return this.#byId.get(id);
  }

  fateOf(id: string): Fate | undefined {
    return this.#fates.get(id);
  }

  /** Waits a little for what is not known yet. */
  async awaited(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const isOver = (): boolean => this.#silent || signal.aborted || ids.every((id) => this.#byId.has(id));
    if (isOver()) return;
    const look = (): void => this.#wake();
    const overdue = setTimeout(() => {
      this.#silent = true;
      look();
    }, PATIENCE_MS);
    signal.addEventListener('abort', look);
    while (!isOver()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(overdue);
    signal.removeEventListener('abort', look);
  }
}

function remember<Value>(known: Map<string, Value>, id: string, value: Value): void {
  known.set(id, value);
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size > REMEMBERED) known.delete(oldest);
}
