import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchBytesThatFit,
  LogSize,
  recordBytes,
  refusal,
  retentionOf,
} from '../../../../../lib/rabbitmq/changelog/retention.js';

describe('retention', () => {
  it('never outruns the last complete snapshot, whatever the sizes of batches and snapshots', () => {
    const retention = retentionOf(64 * 1024);
    const bytes = fc.integer({ min: 0, max: retention.maxRecordBytes });
    const snapshotBytes = fc.integer({ min: 0, max: retention.maxSnapshotBytes - 1024 });
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, snapshotBytes), { maxLength: 200 }), (history) => {
        const size = new LogSize();
        for (const [batch, snapshot] of history) {
          size.add(batch);
          if (size.sinceSnapshot < retention.snapshotEveryBytes) continue;
          expect(refusal(retention, size, recordBytes(snapshot))).toBeUndefined();
          size.snapshotBegins();
          size.add(snapshot);
          // The broker keeps at least the retention less one segment.
          expect(size.needed).toBeLessThanOrEqual(retention.retentionBytes - retention.segmentBytes);
          size.snapshotEnds();
          expect(size.needed).toBe(recordBytes(snapshot));
        }
      }),
    );
  });

  it('has 512 MiB by default, and records of at most a million bytes', () => {
    expect(retentionOf()).toMatchObject({ retentionBytes: 512 * 1024 * 1024, maxRecordBytes: 1_000_000 });
  });

  it.each([
    ['has no limit while records are small', 249_999, 1_000, Number.POSITIVE_INFINITY],
    ['grows with what a record has left', 250_000, 1_000, 3_600],
    ['aims at nine tenths of a record', 1_000_000, 1_000, 900],
    ['shrinks when a record was too large', 2_000_000, 1_000, 450],
    ['has no limit for a record without messages', 2_000_000, 0, Number.POSITIVE_INFINITY],
  ])('of a batch %s', (_, recorded, batch, fitting) => {
    expect(batchBytesThatFit(retentionOf(), recorded, () => batch)).toBe(fitting);
  });

  it('refuses a snapshot over a quarter', () => {
    const retention = retentionOf(1000);
    expect(refusal(retention, new LogSize(), 250)).toBeUndefined();
    expect(refusal(retention, new LogSize(), 251)).toContain('more than a quarter');
  });

  it('refuses a snapshot that unfinished ones before it have left no room for', () => {
    const retention = retentionOf(64 * 1024);
    const size = new LogSize();
    for (let unfinished = 0; unfinished < 4; unfinished++) {
      size.snapshotBegins();
      size.add(14 * 1024);
    }
    expect(refusal(retention, size, 14 * 1024)).toContain('would push out the last one');
  });

  it('derives every size from the one that is set', () => {
    expect(retentionOf(1_600)).toEqual({
      retentionBytes: 1_600,
      segmentBytes: 100,
      maxRecordBytes: 100,
      maxPartBytes: 25,
      maxSnapshotBytes: 400,
      snapshotEveryBytes: 400,
    });
    expect(retentionOf(1_600_000_000)).toMatchObject({ maxRecordBytes: 1_000_000, maxPartBytes: 256 * 1024 });
  });

  it('lets a snapshot fill what is left, to the byte', () => {
    const retention = retentionOf(64 * 1024);
    const size = new LogSize();
    size.add(44 * 1024 - 256);
    expect(size.needed).toBe(44 * 1024);
    expect(refusal(retention, size, 16 * 1024)).toBeUndefined();
    size.add(0);
    expect(refusal(retention, size, 16 * 1024 - 256)).toBeUndefined();
    expect(refusal(retention, size, 16 * 1024 - 255)).toContain(`${44 * 1024 + 256} bytes stand after it`);
  });

  it('counts what was written since the last whole snapshot, and since its beginning', () => {
    const size = new LogSize();
    size.add(100);
    size.snapshotBegins();
    size.add(200);
    expect(size).toMatchObject({ needed: 812, sinceSnapshot: 812 });
    size.snapshotEnds();
    expect(size).toMatchObject({ needed: 456, sinceSnapshot: 0 });
    size.add(0);
    expect(size).toMatchObject({ needed: 712, sinceSnapshot: 256 });
    size.clear();
    expect(size).toMatchObject({ needed: 0, sinceSnapshot: 0 });
  });
});
