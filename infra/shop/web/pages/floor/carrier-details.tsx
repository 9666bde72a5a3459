import type { MessagePreview } from '../../../../../lib/dead-letters/preview.js';
import { count } from '../display/amount.js';

/** A message itself: its payload and what travelled with it. */
export function CarrierDetails({ carrier }: { carrier: MessagePreview }) {
  const { exchange, routingKey, body, bodyBytes, properties } = carrier;
  return (
    <div class="carrier">
      <p class="quiet">
        Payload, {count(bodyBytes)} bytes, from exchange <b>{exchange}</b> with routing key{' '}
        <b>{routingKey || '(empty)'}</b>
      </p>
      <pre>{body}</pre>
      <dl>
        {properties.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
