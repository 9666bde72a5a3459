import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ShopMetrics } from '../../../../../infra/shop/web/metrics.js';
import { NOTHING_KNOWN } from '../../../../../lib/shop/floor/shop-status.js';
import { parseExposition } from './exposition.js';

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const dashboard = JSON.parse(readFileSync('infra/shop/monitoring/grafana-dashboard.json', 'utf8')) as Dashboard;
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

describe('the Grafana dashboard', () => {
  it('uses names that are there, and all of them', async () => {
    const families = parseExposition(await new ShopMetrics().text(NOTHING_KNOWN));
    const used = expressions.flatMap((expression) => expression.match(/smart_shopping_\w+/g) ?? []);
    const family = (name: string) => (families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''));
    expect([...new Set(used.map(family))].sort()).toEqual([...families.keys()].sort());
  });

  it('takes the rate of counters, and quantiles of histograms', () => {
    for (const expression of expressions) {
      if (/_total/.test(expression)) expect(expression).toMatch(/(rate|increase)\(smart_shopping_\w+_total\[/);
      if (/_bucket/.test(expression)) expect(expression).toMatch(/^histogram_quantile\(0\.\d+, sum by \(le/);
    }
  });

  it('has panels that overlap neither in name nor in place', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
  });
});
