import { workerOf } from '../../../../../lib/shop/domain/topology.js';
import type { Letter } from '../../../../../lib/shop/floor/letters.js';
import { clock } from '../display/time.js';
import { LetterActions, type Wish } from './letter-actions.js';
import { ProductLink } from './links.js';
import { Opener } from './opener.js';
import { isForRow } from './row-click.js';
import { useOpen } from './view.js';
import { hasProduct, productOf } from './what.js';

export interface LetterTableProps {
  readonly letters: readonly Letter[];
  /** An action is under way: there is one at a time. */
  readonly busy: boolean;
  readonly wish: Wish;
}

export function LetterTable({ letters, busy, wish }: LetterTableProps) {
  const { open, toggle } = useOpen('letters');
  return (
    <table class="letters">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Event</th>
          <th scope="col">Why</th>
          <th scope="col" class="roomy">
            Worker
          </th>
          <th scope="col">
            <span class="hidden">What to do</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {letters.map((letter) => (
          <tr
            key={letter.key}
            class={`event${letter.key === open ? ' is-open' : ''}`}
            onClick={(click) => isForRow(click) && toggle(letter.key)}
          >
            <td class="time">{clock(letter.at)}</td>
            <td>
              {hasProduct(letter.latest) ? (
                <ProductLink product={productOf(letter.latest)} />
              ) : (
                <span class="product">{productOf(letter.latest)}</span>
              )}{' '}
              <span class="quiet">{letter.latest.event?.type ?? 'unreadable'}</span>
            </td>
            <td class="about">{whyOf(letter)}</td>
            <td class="roomy quiet">{workerOf(letter.latest.queue)}</td>
            <td class="opener">
              {letter.state === 'waiting' && (
                <span class="roomy">
                  <LetterActions letter={letter} busy={busy} wish={wish} />
                </span>
              )}
              <Opener
                open={letter.key === open}
                label={`Details of ${productOf(letter.latest)} ${letter.state}`}
                onClick={() => toggle(letter.key)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The latest reason, and whether there was an earlier one. */
export function whyOf({ state, latest, history }: Letter): string {
  const before = history.filter(({ what }) => what === 'refused').length - 1;
  const refused = before === 0 ? latest.reason : `sent back, refused again: ${latest.reason}`;
  return state === 'waiting' ? refused : `${state}; was refused: ${latest.reason}`;
}
