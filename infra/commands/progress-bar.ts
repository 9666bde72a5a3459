import { SingleBar } from 'cli-progress';

/** A bar on stderr for people; nothing where that is a file. */
export function showBar(unit: string, total: number): { update: (done: number) => void; stop: () => void } {
  const bar = new SingleBar({
    format: `{bar} {percentage} %  {value} of {total} ${unit}, {rate} per second`,
    stream: process.stderr,
    hideCursor: true,
    noTTYOutput: false,
  });
  const startedAt = performance.now();
  bar.start(total, 0, { rate: 0 });
  return {
    update: (done) => bar.update(done, { rate: Math.round((1000 * done) / (performance.now() - startedAt)) }),
    stop: () => bar.stop(),
  };
}
