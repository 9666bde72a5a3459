import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { databaseFile, followDatabase, readDatabase } from '../../../../../lib/shop/database/database.js';

const database = (customers: Record<string, string>) =>
  JSON.stringify({ customers_database: customers, cost_per_unit: 1, number_of_units: 1 });

let folder: string;
let file: string;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  folder = mkdtempSync(join(tmpdir(), 'database-'));
  file = join(folder, 'shop.json');
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

let writes = 0;
function write(text: string): void {
  writeFileSync(file, text);
  // Two writes may have the same time on the file system's clock.
  utimesSync(file, new Date(), new Date(1_000_000_000_000 + 1000 * writes++));
  vi.advanceTimersByTime(1000);
}

describe('the database file', () => {
  it("is the exercise's, unless SHOP_DATABASE names another", () => {
    expect(readDatabase(databaseFile({})).customers).toEqual([
      'customer-1',
      'customer-2',
      'customer-3',
      'customer-4',
      'customer-5',
    ]);
    expect(databaseFile({ SHOP_DATABASE: 'other.json' })).toBe('other.json');
  });

  it('is read again when it changed', () => {
    write(database({ ada: 'A' }));
    const catalog = followDatabase(file, () => undefined);
    expect(catalog().customerOf('A')).toBe('ada');
    write(database({ bob: 'A' }));
    expect(catalog().customerOf('A')).toBe('bob');
  });

  it('stays in force while the file is broken or gone, and says so once', () => {
    const refused = vi.fn();
    write(database({ ada: 'A' }));
    const catalog = followDatabase(file, refused);
    catalog();
    write('{"customers_database": {"ada": "A"},\n  oops');
    expect([catalog(), catalog()].map((now) => now.customerOf('A'))).toEqual(['ada', 'ada']);
    expect(refused.mock.calls).toEqual([
      [expect.objectContaining({ message: `${file}: line 2, column 3: invalid symbol` })],
    ]);
    rmSync(file);
    vi.advanceTimersByTime(1000);
    expect(catalog().customerOf('A')).toBe('ada');
    write(database({ bob: 'A' }));
    expect(catalog().customerOf('A')).toBe('bob');
  });

  it('is refused at the start, with the place that is wrong', () => {
    expect(() => followDatabase(file, () => undefined)()).toThrow(/shop\.json: ENOENT/);
    write('{"a": 1,,}');
    expect(() => readDatabase(file)).toThrow(`${file}: line 1, column 9: property name expected`);
    write('');
    expect(() => readDatabase(file)).toThrow(`${file}: line 1, column 1: value expected`);
    write(database({ 'x.#': 'A' }));
    expect(() => readDatabase(file)).toThrow(`${file}: $.customers_database["x.#"]: a customer id`);
  });
});
