import { databaseFile, followDatabase } from '../../../lib/shop/database/database.js';
import { runtimeFolder } from '../../commands/broker-address.js';
import type { Pages, ServiceContext } from '../../functions/service-module.js';
import { servePages, WEB_PORT } from '../web/serve-pages.js';

/** For serverless.yml: the shop floor and the customers' pages, on the usual port if it is free. */
export async function pages({ address, log, print, signal }: ServiceContext): Promise<Pages> {
  const catalog = followDatabase(databaseFile(), ({ message }) => log.error('database refused', { message }));
  const options = { amqpUrl: address, catalog, runtimeFolder: runtimeFolder(), host: '127.0.0.1', log, signal };
  const { startAddress, watching, ended } = await servePages({ ...options, port: WEB_PORT }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      print(`Port ${WEB_PORT} is in use: the shop floor is on another one.`);
      return servePages({ ...options, port: 0 });
    },
  );
  return { invitation: `The shop floor, live:\n${startAddress}`, watching, ended };
}
