import type { ShopFloor } from '../../../../../lib/shop/floor/shop-floor.js';
import type { ShopStatus } from '../../../../../lib/shop/floor/shop-status.js';
import { count } from '../display/amount.js';
import { useMoney } from '../display/money.js';
import { sinceOf } from '../display/time.js';
import { useNow } from '../use-live.js';
import { Sparkline } from './sparkline.js';

export function Figures({ floor, status }: { floor: ShopFloor; status: ShopStatus }) {
  const money = useMoney();
  const { totals, baskets } = floor;
  const waiting = status.queues.find(({ role }) => role === 'dead letters')?.waiting ?? 0;
  return (
    <dl class="figures">
      <Figure name="Open baskets" panel="baskets" value={count(Math.max(0, baskets.length + status.unlistedBaskets))} />
      <Figure name="Bills" panel="bills" value={count(totals.bills)} since={totals.since} />
      <Figure name="Revenue" panel="bills" value={money(totals.revenue)} since={totals.since} />
      <Figure
        name="Refused, waiting"
        panel="dead-letters"
        value={count(waiting)}
        tone={waiting > 0 ? 'is-refused' : undefined}
      />
      <Rate floor={floor} />
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  /** The panel with more about it. */
  readonly panel: string;
  readonly value: string;
  readonly tone?: string | undefined;
  /** The time of the first one counted, because the streams keep only the latest. */
  readonly since?: number | undefined;
}

function Figure({ name, panel, value, tone, since }: FigureProps) {
  return (
    <div class="figure">
      <dt>
        <a class="link-to" href={`#${panel}`}>
          {name}
        </a>
      </dt>
      <dd class={tone}>{value}</dd>
      {since !== undefined && <dd class="figure-since">{sinceOf(since)}</dd>}
    </div>
  );
}

const SHOWN_SECONDS = 60;
/** Senders' timestamps are whole seconds, so the current second is never complete. */
const RATE_SECONDS = 5;

function Rate({ floor }: { floor: ShopFloor }) {
  const second = Math.floor(useNow() / 1000);
  const counts = new Map(floor.activity.map((each) => [each.second, each.events]));
  const series = Array.from(
    { length: SHOWN_SECONDS },
    (_, index) => counts.get(second - SHOWN_SECONDS + 1 + index) ?? 0,
  );
  const recent = series.slice(-RATE_SECONDS - 1, -1).reduce((sum, each) => sum + each, 0);
  return (
    <div class="figure figure-rate">
      <dt>Messages a second</dt>
      <dd>{count(Math.round((recent / RATE_SECONDS) * 10) / 10)}</dd>
      <dd class="figure-line">
        <Sparkline series={series} label="Messages in each of the last 60 seconds" />
      </dd>
    </div>
  );
}
