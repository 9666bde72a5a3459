import { compile } from '../support/broker/compile.js';
import unpackServer from '../support/system/server.js';

/** The growing process runs the compiled code. */
export default async function prepare(): Promise<void> {
  await Promise.all([unpackServer(), compile()]);
}
