/** AMQP's limit for a routing key, which is what a product number is on its way to a worker. */
const ROUTING_KEY_BYTES = 255;
/** A customer id is also part of the name of the customer's queue. */
const CUSTOMER_ID_BYTES = 200;

export function isProductNumber(text: string): boolean {
  return text !== '' && bytes(text) <= ROUTING_KEY_BYTES;
}

/** `*` and `#` as words of a binding key match what is not theirs: such a customer would read other customers' bills. */
export function isCustomerId(text: string): boolean {
  const words = text.split('.');
  return text !== '' && bytes(text) <= CUSTOMER_ID_BYTES && !words.includes('*') && !words.includes('#');
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
