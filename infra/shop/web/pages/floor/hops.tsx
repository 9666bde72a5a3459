import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { InvocationPassed, PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { causeOf, hopsOf } from '../../../../../lib/shop/floor/hops.js';
import { type Letter, refusedBefore } from '../../../../../lib/shop/floor/letters.js';
import { milliseconds } from '../display/amount.js';
import { preciseClock } from '../display/time.js';

/** The programs' reports of their invocations, newest first. */
export const Invocations = createContext<readonly InvocationPassed[]>([]);
/** Recently refused events, with their history. */
export const Letters = createContext<readonly Letter[]>([]);

/** The narrowest bar that is still visible. */
const THINNEST_PERCENT = 0.75;

/** The path of one event, part by part: when each began, and how long it took. */
export function Hops({ event }: { event: PassedEvent }) {
  const invocations = useContext(Invocations);
  const earlier = refusedBefore(useContext(Letters), event, causeOf(event, invocations));
  const hops = hopsOf(event, invocations, earlier);
  const [first] = hops;
  if (first === undefined) {
    return <p class="quiet hops-none">How it went from hop to hop is known of the last invocations only.</p>;
  }
  const beganAt = first.from;
  const wholeMs = Math.max(...hops.map(({ to }) => to)) - beganAt || 1;
  const percent = (ms: number): number => (ms / wholeMs) * 100;
  return (
    <table class="hops">
      <caption>
        Hop by hop, {milliseconds(wholeMs)} from {preciseClock(beganAt)}
      </caption>
      <thead>
        <tr>
          <th scope="col">Hop</th>
          <th scope="col">Where</th>
          <th scope="col" class="number">
            After
          </th>
          <th scope="col" class="number">
            Took
          </th>
          <th scope="col" class="hop-picture">
            <span class="hidden">As a picture</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {hops.map(({ what, where, from, to }, index) => (
          <tr key={index}>
            <td>{what}</td>
            <td class="about">{where}</td>
            <td class="number">{milliseconds(from - beganAt)}</td>
            <td class="number">{milliseconds(to - from)}</td>
            <td class="hop-picture">
              <svg width="100%" height="10" aria-hidden="true">
                <rect
                  x={`${Math.min(percent(from - beganAt), 100 - THINNEST_PERCENT)}%`}
                  width={`${Math.max(percent(to - from), THINNEST_PERCENT)}%`}
                  height="10"
                  rx="2"
                />
              </svg>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
