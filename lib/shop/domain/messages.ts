import type { BasketDecision } from './basket.js';
import type { ShoppingEvent } from './events.js';
import { derivedMessageId, type IncomingEvent } from './message-id.js';
import { BILLING_EVENTS, CUSTOMER_APP_EVENTS, SHOPPING_EVENTS_EXCHANGE } from './topology.js';
import { encodeBill, encodeShoppingEvent } from './wire.js';

/** A message as the shop wants it sent. */
export interface ShopMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: unknown;
  readonly messageId: string;
  readonly type: 'shopping event' | 'bill';
  /** A customer who is not listening is normal; an event or a bill that no one can receive is not. */
  readonly mustRoute: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An event on its way from the sensor to its product's worker. */
export function shoppingEventMessage(event: ShoppingEvent, messageId: string, traceparent?: string): ShopMessage {
  return {
    exchange: SHOPPING_EVENTS_EXCHANGE,
    routingKey: event.product,
    body: encodeShoppingEvent(event),
    messageId,
    type: 'shopping event',
    mustRoute: true,
    ...traced({ traceparent }),
  };
}

const alertId = (incoming: IncomingEvent): string => derivedMessageId(incoming, 'alert');
const billId = (incoming: IncomingEvent): string => derivedMessageId(incoming, 'bill');
const customersBillId = (incoming: IncomingEvent): string => derivedMessageId(incoming, "customer's bill");

/** The ids of everything that an event may lead to. */
export function idsOfConsequences(incoming: IncomingEvent) {
  return { alert: alertId(incoming), bill: billId(incoming), customersBill: customersBillId(incoming) };
}

/** What one decided event leads to: an alert to its customer, and for a purchase the bill, to the till and the customer. */
export function messagesFor(
  event: ShoppingEvent,
  decision: BasketDecision,
  incoming: IncomingEvent,
): readonly ShopMessage[] {
  switch (decision.verdict) {
    case 'rejected':
      return [];
    case 'picked up':
      return [alert(event, decision.customer, incoming)];
    case 'billed': {
      const { customer } = decision.bill;
      const body = encodeBill(decision.bill);
      const trace = traced(incoming);
      return [
        alert(event, customer, incoming),
        {
          exchange: BILLING_EVENTS,
          routingKey: BILLING_EVENTS,
          body,
          messageId: billId(incoming),
          type: 'bill',
          mustRoute: true,
          ...trace,
        },
        {
          exchange: CUSTOMER_APP_EVENTS,
          routingKey: customer,
          body,
          messageId: customersBillId(incoming),
          type: 'bill',
          mustRoute: false,
          ...trace,
        },
      ];
    }
  }
}

function alert(event: ShoppingEvent, customer: string, incoming: IncomingEvent): ShopMessage {
  return {
    exchange: CUSTOMER_APP_EVENTS,
    routingKey: customer,
    body: encodeShoppingEvent(event),
    messageId: alertId(incoming),
    type: 'shopping event',
    mustRoute: false,
    ...traced(incoming),
  };
}

const UNTRACED = {};

/** A trace continues where it came from (W3C Trace Context). */
function traced({ traceparent }: Pick<IncomingEvent, 'traceparent'>): Pick<ShopMessage, 'headers'> {
  return traceparent === undefined ? UNTRACED : { headers: { traceparent } };
}
