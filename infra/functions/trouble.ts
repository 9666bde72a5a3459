import type { Log } from '../../lib/rabbitmq/log.js';
import { proseLog, type Trouble } from '../terminal/prose.js';
import type { Print } from './serverless.js';

/** Prints the troubles of many queues. */
export interface TroubleLines {
  /** A log for a component, under the name that it has at the time. */
  of(source: () => string): Log;
  add(source: string, trouble: Trouble): void;
  /** Prints what is waiting at once. */
  flush(): void;
}

const GATHER_MS = 500;
const REPEAT_MS = 10_000;

/** A message from many queues at once is one line, and a repeated message is printed every ten seconds. */
export function troubleLines(print: Print): TroubleLines {
  /** By text: the sources that have reported it since it was last printed. */
  const open = new Map<string, { readonly level: Trouble['level']; readonly sources: Set<string> }>();

  function wait(text: string, level: Trouble['level'], ms: number): Set<string> {
    const sources = new Set<string>();
    open.set(text, { level, sources });
    setTimeout(say, ms, text).unref();
    return sources;
  }

  function say(text: string): void {
    const said = open.get(text);
    open.delete(text);
    if (said === undefined || said.sources.size === 0) return;
    print[said.level](`${named([...said.sources])}: ${text}`);
    wait(text, said.level, REPEAT_MS);
  }

  const add: TroubleLines['add'] = (source, { level, text }) =>
    (open.get(text)?.sources ?? wait(text, level, GATHER_MS)).add(source);
  return {
    of: (source) => proseLog((trouble) => add(source(), trouble)),
    add,
    flush: () => [...open.keys()].forEach(say),
  };
}

const NAMED_AT_MOST = 3;

function named(sources: readonly string[]): string {
  const more = sources.length - NAMED_AT_MOST;
  return sources.slice(0, NAMED_AT_MOST).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
