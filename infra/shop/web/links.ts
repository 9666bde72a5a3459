import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const NAME = z.string().max(255);
const TIME = z.int().min(0);
const MADE = z.object({
  kind: z.literal('made'),
  id: NAME,
  customer: NAME,
  /** Who made it, and with which command. */
  by: NAME,
  /** Milliseconds since 1970. */
  at: TIME,
  until: TIME,
});
const REVOKED = z.object({ kind: z.literal('revoked'), id: NAME, by: NAME, at: TIME });
const ENTRY = z.discriminatedUnion('kind', [MADE, REVOKED]);

/** A link to a customer's page. */
export interface Link extends Omit<z.infer<typeof MADE>, 'kind'> {
  readonly revoked?: { readonly by: string; readonly at: number };
}

/** How long the last reading is assumed to be current. */
const LOOK_AGAIN_MS = 500;

/**
 * The links that were made or revoked: a file of the project, to which the pages' server and commands append. A pass is valid by
 * its signature alone, so a link that is not in the file is valid, too, unless it is revoked there.
 * @param runtimeFolder the project's `.smart-shopping`
 */
export class LinkBook {
  readonly #folder: string;
  readonly #file: string;
  #links: ReadonlyMap<string, Link> = new Map();
  #revoked: ReadonlySet<string> = new Set();
  #version = '';
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(runtimeFolder: string) {
    this.#folder = runtimeFolder;
    this.#file = join(runtimeFolder, 'links.jsonl');
  }

  /** Gives the link an id, hexadecimal, because one that begins with a dash could not be given to `--revoke`. */
  async add(link: Omit<Link, 'id' | 'revoked'>): Promise<Link> {
    const made = { ...link, id: randomBytes(6).toString('hex') };
    await this.#append({ kind: 'made', ...made });
    return made;
  }

  /** @returns the link; undefined if none has this id */
  async revoke(id: string, by: string, at: number): Promise<Link | undefined> {
    const link = this.all().find((one) => one.id === id);
    if (link !== undefined && link.revoked === undefined) await this.#append({ kind: 'revoked', id, by, at });
    return link;
  }

  /** As they are in the file now, the oldest first. */
  all(): readonly Link[] {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#look();
    return [...this.#links.values()];
  }

  isRevoked(id: string): boolean {
    this.#look();
    return this.#revoked.has(id);
  }

  async #append(entry: z.infer<typeof ENTRY>): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    // One write of less than a page, so that those of several processes do not mix.
    await appendFile(this.#file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }

  #look(): void {
    if (performance.now() - this.#lookedAt < LOOK_AGAIN_MS) return;
    this.#lookedAt = performance.now();
    const found = statSync(this.#file, { throwIfNoEntry: false });
    const version = found === undefined ? '' : `${found.size} ${found.mtimeMs}`;
    if (version === this.#version) return;
    const links = new Map<string, Link>();
    const revoked = new Set<string>();
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      const entry = parse(line);
      if (entry?.kind === 'made') {
        const { kind: _, ...made } = entry;
        links.set(entry.id, made);
      } else if (entry !== undefined) {
        const { id, by, at } = entry;
        revoked.add(id);
        const made = links.get(id);
        if (made !== undefined) links.set(id, { ...made, revoked: { by, at } });
      }
    }
    this.#links = links;
    this.#revoked = revoked;
    this.#version = version;
  }
}

/** Undefined for anything that is not an entry, such as the end of the file. */
function parse(line: string): z.infer<typeof ENTRY> | undefined {
  try {
    return ENTRY.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
