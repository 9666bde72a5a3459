import type { Comparison } from './comparison.js';

const WIDTH = 760;
const LABEL = 300;
const BAR = 22;
const GAP = 14;
const BARS = WIDTH - LABEL - 150;
const LADDER_LABEL = 190;
const LADDER_BARS = WIDTH - LADDER_LABEL - 250;

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
  return frame(rows.length, 'Events per second, median and range of the rounds', bars);
}

function frame(rows: number, label: string, bars: readonly string[]): string {
  const height = GAP + rows * (BAR + GAP);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
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

/** CPU time per event of each rung as bars, the difference from the one before, and its events per second. */
export function drawLadder({ rows }: Comparison): string {
  const most = Math.max(...rows.map(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent.median));
  const bars = rows.map(({ title, cpuMicrosPerEvent, eventsPerSecond }, index) => {
    const y = GAP + index * (BAR + GAP);
    const middle = y + BAR / 2;
    const before = rows[index - 1]?.cpuMicrosPerEvent.median;
    const micros = cpuMicrosPerEvent.median;
    const more = before === undefined ? '' : ` (${micros < before ? '−' : '+'}${Math.abs(micros - before).toFixed(1)})`;
    const width = Math.round((LADDER_BARS * micros) / most);
    const events = Math.round(eventsPerSecond.median).toLocaleString('en');
    return [
      `<text x="${LADDER_LABEL - 10}" y="${middle}" class="title">${title}</text>`,
      `<rect x="${LADDER_LABEL}" y="${y}" width="${width}" height="${BAR}" class="${title === 'ours' ? 'ours' : 'other'}"/>`,
      `<text x="${LADDER_LABEL + width + 10}" y="${middle}">${micros.toFixed(1)} µs${more}, ${events} events/s</text>`,
    ].join('\n');
  });
  return frame(rows.length, 'Microseconds of CPU per event, each rung with one promise more', bars);
}
