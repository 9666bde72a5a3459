import { useEffect, useState } from 'preact/hooks';
import type { ServedQueue } from '../../../../../lib/shop/floor/served-queues.js';
import type { QueueDepth } from '../../../../../lib/shop/floor/shop-status.js';
import type { Totals } from '../../../../../lib/shop/floor/totals.js';
import { isDeserted } from '../../../../../lib/shop/floor/troubles.js';
import { count, rate } from '../display/amount.js';
import { sinceOf } from '../display/time.js';
import { Arrow } from './arrow.js';
import { Panel } from './panel.js';
import { arrowBetween, labelBefore, layoutAcross, layoutDown, type Place } from './topology-layout.js';

const ROOM_ACROSS = '(min-width: 800px)';
const WORKERS_DRAWN = 4;

export interface TopologyProps {
  readonly totals: Totals;
  readonly served: readonly ServedQueue[];
  readonly queues: readonly QueueDepth[];
}

/** The paths of the shop's messages, drawn from what has passed along them. */
export function TopologyPicture({ totals, served, queues }: TopologyProps) {
  const across = useRoomAcross();
  const workers = served.slice(0, WORKERS_DRAWN);
  const omitted = served.length > WORKERS_DRAWN ? `${WORKERS_DRAWN} of ${served.length} workers drawn, ` : '';
  const layout = across ? layoutAcross(workers.length) : layoutDown(workers.length);
  const waiting = (role: QueueDepth['role']) => waitingIn(queues.find((queue) => queue.role === role));
  const entered = served.reduce((sum, { alerts, rejected }) => sum + alerts + rejected, 0);
  const nameRoom = across ? '' : ' small';
  const between = (from: Place, to: Place) => arrowBetween(from, to, layout.direction);
  const labelAt = (place: Place) => labelBefore(place, layout);
  return (
    <Panel
      id="topology"
      title="Message flow"
      note={`${omitted}${countedSince(totals)}`}
      about="Both events of a product go to the same worker, which keeps its basket and makes the bill."
    >
      <svg
        class={`topology${nameRoom}`}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="img"
        aria-label={describe(totals, served)}
      >
        <defs>
          <marker id="head" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="6" markerHeight="6" orient="auto">
            <path d="M0,0 L8,4 L0,8 z" />
          </marker>
        </defs>
        <Arrow
          path={between(layout.sensor, layout.hash)}
          messages={entered}
          tone="tone-plain"
          label={labelAt(layout.hash)}
        />
        {workers.map((each, index) => {
          const place = layout.workers[index] as Place;
          const { name, alerts, bills, rejected } = each;
          return (
            <g key={name}>
              <Arrow
                path={between(layout.hash, place)}
                messages={alerts + rejected}
                tone="tone-plain"
                label={labelAt(place)}
              />
              <Arrow path={between(place, layout.customers)} messages={alerts + bills} tone="is-picked-up" />
              <Arrow path={between(place, layout.bills)} messages={bills} tone="is-billed" />
              <Arrow path={between(place, layout.deadLetters)} messages={rejected} tone="is-refused" />
            </g>
          );
        })}
        <Box place={layout.sensor} shape="person" name="Sensor" note="picks up, purchases" />
        <Box place={layout.hash} shape="exchange" name="by product" note="consistent hash" />
        {workers.map((each, index) => (
          <Box
            key={each.name}
            place={layout.workers[index] as Place}
            shape="queue"
            name={each.name}
            note={noteOf(each)}
            tone={each.depth !== undefined && isDeserted(each.depth) ? 'is-deserted' : undefined}
          />
        ))}
        <Box
          place={layout.customers}
          shape="person"
          name="Customers"
          note={`${count(totals.pickUps + totals.purchases + totals.bills)} messages`}
          tone="is-picked-up"
        />
        <Box place={layout.bills} shape="queue" name="Bills" note={billsNote(queues)} tone="is-billed" />
        <Box place={layout.deadLetters} shape="queue" name="Refused" note={waiting('dead letters')} tone="is-refused" />
      </svg>
    </Panel>
  );
}

interface BoxProps {
  readonly place: Place;
  readonly shape: 'person' | 'exchange' | 'queue';
  readonly name: string;
  readonly note: string;
  readonly tone?: string | undefined;
}

function Box({ place: { x, y, width, height }, shape, name, note, tone = 'tone-plain' }: BoxProps) {
  const radius = shape === 'person' ? height / 2 : 8;
  return (
    <g class={`box box-${shape} ${tone}`}>
      <rect x={x - width / 2} y={y - height / 2} width={width} height={height} rx={radius} />
      <text x={x} y={y - 4} text-anchor="middle" class="box-name">
        {name}
      </text>
      <text x={x} y={y + 15} text-anchor="middle" class="box-note">
        {note}
      </text>
    </g>
  );
}

function noteOf({ depth, workers }: ServedQueue): string {
  if (depth === undefined) return 'queue unknown';
  if (!depth.present) return 'not declared';
  if (depth.consumers === 0) return `${waitingIn(depth)}, no worker`;
  const [active] = workers;
  return active !== undefined && active.perSecond > 0
    ? `${waitingIn(depth)}, ${rate(active.perSecond)}`
    : waitingIn(depth);
}

/** Refused events are kept longer than messages to customers. */
function countedSince({ since, refusedSince }: Totals): string {
  if (since === undefined) return '';
  const isOlder = refusedSince !== undefined && refusedSince < since;
  return `counted ${sinceOf(since)}${isOlder ? `, refused events ${sinceOf(refusedSince)}` : ''}`;
}

function waitingIn(depth: QueueDepth | undefined): string {
  return `${count(depth?.waiting ?? 0)} waiting`;
}

/** The till takes bills from their queue. */
function billsNote(queues: readonly QueueDepth[]): string {
  return `${count(queues.find(({ role }) => role === 'bills')?.waiting ?? 0)} for the till`;
}

function describe(totals: Totals, served: readonly ServedQueue[]): string {
  const shares = served.map(({ name, alerts, rejected }) => `${name} ${count(alerts + rejected)}`).join(', ');
  return `Events from the sensor go by product to the workers (${shares}); from there alerts to the customers, ${count(totals.bills)} bills, ${count(totals.deadLetters)} refused.`;
}

function useRoomAcross(): boolean {
  const [query] = useState(() => matchMedia(ROOM_ACROSS));
  const [across, setAcross] = useState(query.matches);
  useEffect(() => {
    const onChange = (): void => setAcross(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, [query]);
  return across;
}
