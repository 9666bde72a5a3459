import { expect, it } from 'vitest';
import { drawDetails } from '../../../../infra/commands/dead-letters-table.js';

it('says who took a dead letter out, as text: the log takes what anybody writes', () => {
  const letter = {
    id: 'a',
    state: 'purged',
    reason: 'unknown product',
    at: undefined,
    since: 'then',
    copies: 0,
  } as const;
  const drawn = drawDetails({ ...letter, by: 'ada\u001b[2J\nno one' }, undefined);
  expect(drawn).toContain('then, by ada');
  expect(drawn).not.toContain('\u001b[2J');
});
