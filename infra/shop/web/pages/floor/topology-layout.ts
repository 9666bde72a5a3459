/** The layout of the picture of the topology. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly direction: 'across' | 'down';
  readonly sensor: Place;
  readonly hash: Place;
  readonly workers: readonly Place[];
  readonly customers: Place;
  readonly bills: Place;
  readonly deadLetters: Place;
}

/** The middle of a box. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const BOX = { width: 176, height: 58 };
const SMALL = { width: 100, height: 58 };

/** From left to right, for a wide page. */
export function layoutAcross(workers: number): Layout {
  const height = Math.max(264, workers * 84 + 40);
  const middle = height / 2;
  return {
    width: 1120,
    height,
    direction: 'across',
    sensor: { x: 100, y: middle, ...BOX, width: 148 },
    hash: { x: 350, y: middle, ...BOX, width: 168 },
    workers: spread(workers, height).map((y) => ({ x: 634, y, ...BOX })),
    customers: { x: 1008, y: middle - 92, ...BOX, width: 200 },
    bills: { x: 1008, y: middle, ...BOX, width: 200 },
    deadLetters: { x: 1008, y: middle + 92, ...BOX, width: 200 },
  };
}

/** From top to bottom, for a phone. */
export function layoutDown(workers: number): Layout {
  const width = 348;
  return {
    width,
    height: 424,
    direction: 'down',
    sensor: { x: width / 2, y: 36, ...BOX, width: 148 },
    hash: { x: width / 2, y: 144, ...BOX },
    workers: spread(workers, width).map((x) => ({ x, y: 264, ...SMALL, width: Math.min(150, width / workers - 16) })),
    customers: { x: 58, y: 390, ...SMALL },
    bills: { x: 174, y: 390, ...SMALL },
    deadLetters: { x: 290, y: 390, ...SMALL },
  };
}

function spread(count: number, length: number): number[] {
  return Array.from({ length: count }, (_, index) => ((index + 0.5) * length) / count);
}

/** A smooth curve from the edge of one box to the edge of the next. */
export function arrowBetween(from: Place, to: Place, direction: Layout['direction']): string {
  if (direction === 'across') {
    const [x1, x2] = [from.x + from.width / 2, to.x - to.width / 2 - 7];
    const middle = (x1 + x2) / 2;
    return `M${x1},${from.y} C${middle},${from.y} ${middle},${to.y} ${x2},${to.y}`;
  }
  const [y1, y2] = [from.y + from.height / 2, to.y - to.height / 2 - 7];
  const middle = (y1 + y2) / 2;
  return `M${from.x},${y1} C${from.x},${middle} ${to.x},${middle} ${to.x},${y2}`;
}

/** The position of an arrow's number: at its head, on the side that it does not come from. */
export function labelBefore({ x, y, width, height }: Place, { direction, hash }: Layout) {
  if (direction === 'across') {
    return { x: x - width / 2 - 16, y: y > hash.y ? y + 20 : y - 9, anchor: 'end' } as const;
  }
  const left = x < hash.x;
  return { x: left ? x - 8 : x + 8, y: y - height / 2 - 14, anchor: left ? 'end' : 'start' } as const;
}
