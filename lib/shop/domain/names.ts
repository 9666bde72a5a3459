/** AMQP's limit for a routing key, which a product number is on its way to a worker. */
const ROUTING_KEY_BYTES = 255;
/** A customer id is also part of the name of the customer's queue. */
const CUSTOMER_ID_BYTES = 200;

export function isProductNumber(text: string): boolean {
  return text !== '' && hasAtMost(ROUTING_KEY_BYTES, text);
}

/** `*` and `#` as words of a binding key match other names: such a customer would read other customers' bills. */
export function isCustomerId(text: string): boolean {
  const words = text.split('.');
  return text !== '' && hasAtMost(CUSTOMER_ID_BYTES, text) && !words.includes('*') && !words.includes('#');
}

/** A UTF-16 unit becomes at most three bytes of UTF-8, so short texts need not be encoded to be counted. */
function hasAtMost(bytes: number, text: string): boolean {
  // Stryker disable next-line ConditionalExpression,EqualityOperator: what is short is only found out faster
  return text.length * 3 <= bytes || new TextEncoder().encode(text).length <= bytes;
}
