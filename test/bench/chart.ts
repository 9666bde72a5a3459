import type { Comparison } from './comparison.js';

const WIDTH = 760;
const LABEL = 300;
const BAR = 22;
const GAP = 14;
const BARS = WIDTH - LABEL - 150;

/** Events per second of every contender as bars, the range of its rounds as a line across each. */
export function drawChart({ rows }: Comparison): string {
  const most = Math.max(...rows.map(({ eventsPerSecond }) => eventsPerSecond.max));
  const x = (value: number): number => Math.round(LABEL + (BARS * value) / most);
  const bars = rows.map(({ id, title, eventsPerSecond: { median, min, max } }, index) => {
    const y = GAP + index * (BAR + GAP);
    const middle = y + BAR / 2;
    const ours = title.startsWith('ours');
    return [
      `<text x="${LABEL - 10}" y="${middle}" class="title">${id}. ${title}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${x(median) - LABEL}" height="${BAR}" class="${ours ? 'ours' : 'other'}"/>`,
      `<path d="M${x(min)} ${middle}H${x(max)}M${x(min)} ${middle - 4}v8M${x(max)} ${middle - 4}v8" class="range"/>`,
      `<text x="${x(max) + 10}" y="${middle}" class="value">${Math.round(median).toLocaleString('en')} events/s</text>`,
    ].join('\n');
  });
  const height = GAP + rows.length * (BAR + GAP);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Events per second, median and range of the rounds">
<style>
text { font: 13px system-ui, sans-serif; dominant-baseline: central; fill: #57606a }
.title { text-anchor: end }
.ours { fill: #1f883d }
.other { fill: #8c959f }
.range { stroke: #24292f; fill: none }
@media (prefers-color-scheme: dark) { text { fill: #adbac7 } .range { stroke: #cdd9e5 } }
</style>
${bars.join('\n')}
</svg>
`;
}
