import { inLines, type MessagePreview } from '../../../../../lib/dead-letters/preview.js';
import { count } from '../display/amount.js';
import { clock } from '../display/time.js';
import { Copy } from './copy.js';

/** A message itself: its payload and its properties. */
export function CarrierDetails({ carrier }: { carrier: MessagePreview }) {
  const { exchange, routingKey, body, bodyBytes, properties } = carrier;
  return (
    <div class="carrier">
      <p class="quiet">
        Payload, {count(bodyBytes)} bytes, from exchange <b>{exchange}</b> with routing key{' '}
        <b>{routingKey || '(empty)'}</b>
      </p>
      <pre>{inLines(body)}</pre>
      <Copy text={body} what="the payload" />
      <dl>
        {properties.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{inWords(name, value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const DELIVERY_MODES: Readonly<Record<string, string>> = { '1': 'transient', '2': 'persistent' };

/** What AMQP's numbers mean. */
function inWords(name: string, value: string): string {
  if (name === 'deliveryMode') return DELIVERY_MODES[value] ?? value;
  return name === 'timestamp' && /^\d{1,11}$/.test(value) ? clock(Number(value) * 1000) : value;
}
