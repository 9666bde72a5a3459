import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who may see something, and until when. */
export interface Pass {
  /** A link is opened once and exchanged for a session, which the browser keeps as a cookie. */
  readonly use: 'link' | 'session';
  readonly holder: Holder;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** The link's id, also in the session that it became: for revoking the link, and for logs of who did what. */
  readonly id?: string | undefined;
}

export type Holder = { readonly role: 'operator' } | { readonly role: 'customer'; readonly customer: string };

/** Signs a pass with HMAC-SHA-256 (RFC 2104). The text can be used as it is in an address and in a cookie. */
export function signPass(pass: Pass, secret: Buffer): string {
  const content = Buffer.from(JSON.stringify(pass)).toString('base64url');
  return `${content}.${mac(content, secret).toString('base64url')}`;
}

/** The pass in a text, if it is one of ours, for this use and holder, and still valid. */
export function validPass(
  text: string | undefined,
  wanted: Pick<Pass, 'use' | 'holder'>,
  secret: Buffer,
  now: number,
): Pass | undefined {
  const [content, signature, ...more] = text?.split('.') ?? [];
  if (content === undefined || signature === undefined || more.length > 0) return undefined;
  const expected = mac(content, secret);
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // Signed, so written by `signPass`.
  const pass = JSON.parse(Buffer.from(content, 'base64url').toString()) as Pass;
  const isWanted = JSON.stringify(comparable(pass)) === JSON.stringify(comparable(wanted));
  return now < pass.until && isWanted ? pass : undefined;
}

/** How long a code is accepted after it was made: at least one period, at most two. */
const CODE_PERIOD_MS = 12 * 60 * 60 * 1000;
/** 72 bits cannot be guessed over HTTP. */
const CODE_LENGTH = 12;

/**
 * A short code that opens the shop floor: short enough to be typed, the same for every process that knows the secret, and a new
 * one every twelve hours.
 */
export function operatorCode(secret: Buffer, now: number): string {
  const period = Math.floor(now / CODE_PERIOD_MS);
  return mac(`operator code ${period}`, secret).toString('base64url').slice(0, CODE_LENGTH);
}

/** Whether it is the current code, or that of twelve hours ago. */
export function operatorCodeIsValid(code: string, secret: Buffer, now: number): boolean {
  const given = Buffer.from(code);
  return [now, now - CODE_PERIOD_MS].some((time) => {
    const expected = Buffer.from(operatorCode(secret, time));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function comparable({ use, holder }: Pick<Pass, 'use' | 'holder'>) {
  return [use, holder.role, holder.role === 'customer' ? holder.customer : ''];
}

function mac(content: string, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(content).digest();
}
