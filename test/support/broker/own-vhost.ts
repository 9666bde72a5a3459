import { expect, inject } from 'vitest';
import { vhostOf } from './private-node.js';

/** Every file has the node to itself, as far as it can see. */
process.env['AMQP_URL'] = `${inject('amqpUrl')}/${vhostOf(expect.getState().testPath ?? '')}`;
