import { useEffect, useState } from 'preact/hooks';
import type { ShopFloor } from '../../../../lib/floor/shop-floor.js';
import type { WorkerShare } from '../../../../lib/floor/worker-shares.js';
import { BILLING_EVENTS, DEAD_LETTER_QUEUE, WORKER_QUEUES, workerOf } from '../../../../lib/shop/topology.js';
import type { ShopStatus } from '../../shop-status.js';
import { count } from '../display/amount.js';
import { Arrow } from './arrow.js';
import { Panel } from './panel.js';
import { arrowBetween, labelBefore, layoutAcross, layoutDown, type Place } from './topology-layout.js';

const ROOM_ACROSS = '(min-width: 800px)';
const WORKERS_DRAWN = 4;

/** The shop's way of messages, drawn from what has gone along it. */
export function TopologyPicture({ floor, status }: { floor: ShopFloor; status: ShopStatus }) {
  const across = useRoomAcross();
  const workers = workersOf(floor.workers);
  const layout = across ? layoutAcross(workers.length) : layoutDown(workers.length);
  const depthOf = (name: string) => status.queues.find((queue) => queue.name === name);
  const waiting = (name: string) => `${count(depthOf(name)?.waiting ?? 0)} waiting`;
  const { totals } = floor;
  const entered = workers.reduce((sum, { alerts, rejected }) => sum + alerts + rejected, 0);
  const nameRoom = across ? '' : ' small';
  const between = (from: Place, to: Place) => arrowBetween(from, to, layout.direction);
  const labelAt = (place: Place) => labelBefore(place, layout);
  return (
    <Panel id="topology" title="How the messages go" note="counted since the streams begin">
      <svg
        class={`topology${nameRoom}`}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="img"
        aria-label={describe(floor, workers)}
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
        {workers.map((share, index) => {
          const place = layout.workers[index] as Place;
          const { worker, alerts, bills, rejected } = share;
          return (
            <g key={worker}>
              <Arrow
                path={between(layout.hash, place)}
                messages={alerts + rejected}
                tone="tone-plain"
                label={labelAt(place)}
              />
              <Arrow path={between(place, layout.customers)} messages={alerts + bills} tone="is-picked-up" />
              <Arrow path={between(place, layout.bills)} messages={bills} tone="is-billed" />
              <Arrow path={between(place, layout.deadLetters)} messages={rejected} tone="is-rejected" />
            </g>
          );
        })}
        <Box place={layout.sensor} shape="person" name="Sensor" note="picks up, purchases" />
        <Box place={layout.hash} shape="exchange" name="by product" note="consistent hash" />
        {workers.map(({ worker, queue }, index) => (
          <Box
            key={worker}
            place={layout.workers[index] as Place}
            shape="queue"
            name={worker}
            note={queue === undefined ? 'queue unknown' : waiting(queue)}
          />
        ))}
        <Box
          place={layout.customers}
          shape="person"
          name="Customers"
          note={`${count(totals.pickUps + totals.purchases + totals.bills)} told`}
          tone="is-picked-up"
        />
        <Box place={layout.bills} shape="queue" name="Bills" note={waiting(BILLING_EVENTS)} tone="is-billed" />
        <Box
          place={layout.deadLetters}
          shape="queue"
          name="Dead letters"
          note={waiting(DEAD_LETTER_QUEUE)}
          tone="is-rejected"
        />
      </svg>
    </Panel>
  );
}

interface BoxProps {
  readonly place: Place;
  readonly shape: 'person' | 'exchange' | 'queue';
  readonly name: string;
  readonly note: string;
  readonly tone?: string;
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

interface DrawnWorker extends WorkerShare {
  readonly queue: string | undefined;
}

/** The shop's own workers, also before they are heard of, and whoever else was. */
function workersOf(shares: readonly WorkerShare[]): readonly DrawnWorker[] {
  const own = WORKER_QUEUES.map((queue) => ({ worker: workerOf(queue), queue }));
  const others = shares.filter(({ worker }) => own.every((each) => each.worker !== worker));
  const nothing = { alerts: 0, bills: 0, rejected: 0, products: [] };
  return [
    ...own.map((each) => ({ ...nothing, ...shares.find(({ worker }) => worker === each.worker), ...each })),
    ...others.map((share) => ({ ...share, queue: undefined })),
  ].slice(0, WORKERS_DRAWN);
}

function describe({ totals }: ShopFloor, workers: readonly DrawnWorker[]): string {
  const shares = workers.map(({ worker, alerts, rejected }) => `${worker} ${count(alerts + rejected)}`).join(', ');
  return `Events from the sensor go by product to the workers (${shares}); from there alerts to the customers, ${count(totals.bills)} bills, ${count(totals.deadLetters)} dead letters.`;
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
