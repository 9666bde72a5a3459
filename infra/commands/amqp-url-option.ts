/** The option of every command that needs a broker, for commander's `option`. */
export const AMQP_URL_OPTION = [
  '--amqp-url <url>',
  'the broker; default: AMQP_URL, else the private one that runs here',
] as const;
