import { createHmac, timingSafeEqual } from 'node:crypto';
import { FatalError } from '../connection/fatal-error.js';

/** The header of a record that holds its signature. */
export const SIGNATURE = 'signature';

const VERSION = '1';
const KEY_ID_LENGTH = 8;
/** 128 random bits cannot be guessed; a key made up by a person needs more characters for that. */
export const LEAST_KEY_LENGTH = 32;

/** The position of a record among the others, which its signature covers. */
export interface Place {
  /** The offset of its session's opening; for an opening itself, the newest offset that its writer has seen, or -1. */
  readonly opening: number;
  /** The number of records of its session before it. */
  readonly number: number;
  /** The number of the last record before the opening that counts, -1 if there is none. */
  readonly after: number;
}

/** What a signature says: the position of its record, or that the signature is not ours. */
export type Signed = Place | 'forged' | 'other key';

/** The keys of a service. The first one signs; all verify, so that a new one can be put before an old one. */
export class SigningKeys {
  readonly #stream: string;
  readonly #keys: readonly { readonly id: string; readonly text: string }[];

  /** @throws Error for a key that is too short, or a missing one */
  constructor(stream: string, keys: readonly string[]) {
    if (keys.length === 0) throw new Error('there is no key for signing the changelog');
    if (keys.some((key) => key.length < LEAST_KEY_LENGTH)) {
      throw new Error(`a key for signing the changelog must have at least ${LEAST_KEY_LENGTH} characters`);
    }
    this.#stream = stream;
    this.#keys = keys.map((text) => ({
      id: createHmac('sha256', text).update('id').digest('hex').slice(0, KEY_ID_LENGTH),
      text,
    }));
  }

  sign(content: Uint8Array, { opening, number, after }: Place): string {
    const [{ id, text }] = this.#keys as [{ id: string; text: string }];
    const head = [VERSION, id, opening, number, after].join('.');
    return `${head}.${this.#mac(text, head, content).toString('base64url')}`;
  }

  verify(content: Uint8Array, signature: string): Signed {
    const end = signature.lastIndexOf('.');
    const head = signature.slice(0, end);
    const [version, id, ...numbers] = head.split('.');
    const [opening, number, after] = numbers.map(Number);
    const key = this.#keys.find((one) => one.id === id);
    if (version !== VERSION || opening === undefined || number === undefined || after === undefined) return 'forged';
    if (key === undefined) return 'other key';
    const mac = Buffer.from(signature.slice(end + 1), 'base64url');
    const expected = this.#mac(key.text, head, content);
    return mac.length === expected.length && timingSafeEqual(mac, expected) ? { opening, number, after } : 'forged';
  }

  #mac(key: string, head: string, content: Uint8Array): Buffer {
    return createHmac('sha256', key).update(`${this.#stream}\n${head}\n`).update(content).digest();
  }
}

/** @throws FatalError for a missing key, or one that is too short */
export async function signingKeys(
  stream: string,
  keys: () => readonly string[] | Promise<readonly string[]>,
): Promise<SigningKeys> {
  try {
    return new SigningKeys(stream, await keys());
  } catch (cause) {
    throw new FatalError((cause as Error).message, { cause });
  }
}
