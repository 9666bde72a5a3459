import { expect, it } from 'vitest';
import { isTimestamp } from '../../../../../lib/shop/domain/timestamp.js';

it.each([
  '2026-01-01T00:00:00',
  '2026-12-31T23:59:60Z',
  '2024-02-29T10:00',
  '2026-01-31T10:00:00',
  '2026-04-30T10:00:00.123456789+02:00',
])('%s is a time', (text) => expect(isTimestamp(text)).toBe(true));

it.each([
  '2026-00-10T10:00:00',
  '2026-13-10T10:00:00',
  '2026-01-00T10:00:00',
  '2026-02-29T10:00:00',
  '2026-04-31T10:00:00',
  '2026-01-01T24:00:00',
  '2026-01-01T10:60:00',
  '2026-01-01T10:00:61',
  '2026-01-01',
])('%s is none', (text) => expect(isTimestamp(text)).toBe(false));
