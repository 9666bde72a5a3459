import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header of a record that holds its signature. */
export const SIGNATURE = 'signature';

const VERSION = '1';
const KEY_ID_LENGTH = 8;
/** Guessing one of 128 random bits is out of reach; people who make one up need more characters for that. */
export const LEAST_KEY_LENGTH = 32;

/** Where a record stands among the others, which its signature covers. */
export interface Place {
  /** The offset of the opening of its session; of an opening itself, of what its writer has seen as the newest, or -1. */
  readonly opening: number;
  /** How many records of its session come before it. */
  readonly number: number;
  /** The number of the last record before the opening that counts, -1 where there is none. */
  readonly after: number;
}

/** What a signature says: where its record stands, or that it is no signature of ours. */
export type Signed = Place | 'forged' | 'other key';

/** The keys of a service. The first signs; all verify, so that a new one can be put before an old one. */
export class SigningKeys {
  readonly #stream: string;
  readonly #keys: readonly { readonly id: string; readonly text: string }[];

  /** @throws Error for a key that is too short, or for none */
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
