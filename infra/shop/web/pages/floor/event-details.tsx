import type { PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { clock, clockOf, millisecondsOf } from '../display/time.js';
import { CarrierDetails } from './carrier-details.js';
import { Hops } from './hops.js';
import { CustomerLink, ProductLink, QueueLink } from './links.js';
import { aboutOf, byOf, hasProduct, productOf, whatOf } from './what.js';

export function EventDetails({ event }: { event: PassedEvent }) {
  return (
    <>
      <p class="about-links">
        {hasProduct(event) && <ProductLink product={productOf(event)} />}
        {event.kind !== 'dead letter' && <CustomerLink customer={event.customer} />}
        {event.kind === 'dead letter' && <QueueLink queue={event.queue}>{event.queue}</QueueLink>}
      </p>
      <Hops event={event} />
      <CarrierDetails carrier={event.carrier} />
    </>
  );
}

export function titleOf(event: PassedEvent): string {
  return `${productOf(event)} ${whatOf(event)}`;
}

export function noteOf(event: PassedEvent): string {
  const seen = event.kind === 'alert' || event.kind === 'dead letter' ? event.event?.timestamp : undefined;
  return [
    `${clock(event.at)}${millisecondsOf(event.at)}`,
    aboutOf(event),
    byOf(event),
    seen !== undefined && `by the sensor's clock ${clockOf(seen)}`,
  ]
    .filter(Boolean)
    .join(', ');
}
