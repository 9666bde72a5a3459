import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NoSpaceError, requireSpace } from '../../../../infra/broker/disk-space.js';

const PETABYTE_MB = 1_000_000_000;

it('a disk with room is passed over, also for a folder that does not exist yet', async () => {
  await requireSpace(tmpdir(), 1, 'by a test');
  await requireSpace(join(tmpdir(), 'no', 'such', 'folder'), 1, 'by a test');
});

it('a disk without is named, with the space that is needed', async () => {
  const folder = join(tmpdir(), 'no', 'such', 'folder');
  const refused = requireSpace(folder, PETABYTE_MB, 'to keep everything');
  await expect(refused).rejects.toThrow(NoSpaceError);
  await expect(refused).rejects.toThrow(
    new RegExp(
      `^The disk of ${folder} has \\d+ MB left, but ${PETABYTE_MB} MB are needed to keep everything: free some space`,
    ),
  );
});
