import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who may see something, and until when. */
export interface Pass {
  /** A link is opened once and exchanged for a session, which the browser keeps as a cookie. */
  readonly use: 'link' | 'session';
  readonly holder: Holder;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export type Holder = { readonly role: 'operator' } | { readonly role: 'customer'; readonly customer: string };

/** Signs a pass with HMAC-SHA-256 (RFC 2104). The text fits an address and a cookie as it is. */
export function signPass(pass: Pass, secret: Buffer): string {
  const content = Buffer.from(JSON.stringify(pass)).toString('base64url');
  return `${content}.${mac(content, secret).toString('base64url')}`;
}

/** Whether a text is a pass of ours, for this use and holder, and still good. */
export function passIsValid(
  text: string | undefined,
  wanted: Omit<Pass, 'until'>,
  secret: Buffer,
  now: number,
): boolean {
  const [content, signature, ...more] = text?.split('.') ?? [];
  if (content === undefined || signature === undefined || more.length > 0) return false;
  const expected = mac(content, secret);
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  // Signed, so written by `signPass`.
  const { until, ...pass } = JSON.parse(Buffer.from(content, 'base64url').toString()) as Pass;
  return now < until && JSON.stringify(comparable(pass)) === JSON.stringify(comparable(wanted));
}

/** How long a code is accepted after it was made: one period at least, two at most. */
const CODE_PERIOD_MS = 12 * 60 * 60 * 1000;
/** 72 bits: nobody guesses it over HTTP. */
const CODE_LENGTH = 12;

/**
 * A short word that opens the shop floor: short enough to be typed, the same for every process that knows the secret, and
 * another one every twelve hours.
 */
export function operatorCode(secret: Buffer, now: number): string {
  const period = Math.floor(now / CODE_PERIOD_MS);
  return mac(`operator code ${period}`, secret).toString('base64url').slice(0, CODE_LENGTH);
}

/** Whether it is the code of now, or of twelve hours ago. */
export function operatorCodeIsValid(code: string, secret: Buffer, now: number): boolean {
  const given = Buffer.from(code);
  return [now, now - CODE_PERIOD_MS].some((time) => {
    const expected = Buffer.from(operatorCode(secret, time));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function comparable({ use, holder }: Omit<Pass, 'until'>) {
  return [use, holder.role, holder.role === 'customer' ? holder.customer : ''];
}

function mac(content: string, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(content).digest();
}
