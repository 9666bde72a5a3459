import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../display/amount.js';

export interface ArrowProps {
  readonly path: string;
  /** The number of messages that went this way. */
  readonly messages: number;
  readonly tone: string;
  readonly label?: { readonly x: number; readonly y: number; readonly anchor: 'start' | 'end' };
}

/** A path of messages. When more have passed, a dot travels along it: one at a time, however many there are. */
export function Arrow({ path, messages, tone, label }: ArrowProps) {
  const shown = useRef(messages);
  const [travelling, setTravelling] = useState(false);
  useEffect(() => {
    if (travelling || messages === shown.current) return;
    if (messages > shown.current) setTravelling(true);
    shown.current = messages;
  }, [messages, travelling]);
  return (
    <g class={`arrow ${tone} ${messages === 0 ? 'arrow-idle' : ''}`}>
      <path d={path} marker-end="url(#head)" />
      {travelling && (
        <circle
          r="5"
          class="traveller"
          style={{ offsetPath: `path("${path}")` }}
          onAnimationEnd={() => setTravelling(false)}
        />
      )}
      {label !== undefined && (
        <text x={label.x} y={label.y} text-anchor={label.anchor}>
          {count(messages)}
        </text>
      )}
    </g>
  );
}
