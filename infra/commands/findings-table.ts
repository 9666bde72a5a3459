import type { Finding } from '../parity/finding.js';
import { printable } from '../terminal/printable.js';
import { drawTable } from '../terminal/table.js';

/** One row for each finding about several functions or queues. */
export function drawFindings(findings: readonly Finding[], width?: number): string {
  const alike = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { what, here, onAws, advice } = finding;
    const key = JSON.stringify([what, here, onAws, advice]);
    alike.set(key, [...(alike.get(key) ?? []), finding]);
  }
  const rows = [...alike.values()].map((same) => {
    const [{ what, differs, here, onAws, advice = '' }] = same as [Finding];
    return [printable(differs ? what : `= ${what}`), printable(here), onAws, advice, printable(placesOf(same))];
  });
  return drawTable(['what', 'here', 'on AWS', 'so', 'of'], rows, { width, narrowest: 16 });
}

/** `takeOrder (2 queues), audit`. */
function placesOf(findings: readonly Finding[]): string {
  const names = [...new Set(findings.map((finding) => finding.function))];
  return names
    .map((name) => {
      const queues = findings.filter((finding) => finding.function === name && finding.queue !== undefined);
      if (queues.length === 0) return name ?? 'the service';
      return `${name} (${queues.length === 1 ? queues[0]?.queue : `${queues.length} queues`})`;
    })
    .join(', ');
}
