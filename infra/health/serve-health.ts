import { Hono } from 'hono';
import { type ListenOptions, listen, type RunningServer } from '../http/listen.js';
import { ownNamesOnly } from '../http/own-names.js';
import type { ServiceHealth } from './service-health.js';

/**
 * Serves `/healthz` (the process is running), `/readyz` (each function is subscribed to all its queues, or stands by) and
 * `/metrics`. On loopback it answers to its own names only; probes from elsewhere use many names.
 * @throws Error if the port is in use
 */
export function serveHealth(health: ServiceHealth, options: Omit<ListenOptions, 'patient'>): Promise<RunningServer> {
  const isLoopback = ['127.0.0.1', '::1', 'localhost'].includes(options.host);
  return listen(
    (names) => {
      const app = new Hono();
      if (isLoopback) app.use(ownNamesOnly(names));
      app.get('/healthz', (context) => context.json({ status: 'up' }));
      app.get('/readyz', (context) => {
        const waiting = health.unready;
        return waiting.length === 0
          ? context.json({ status: 'ready' })
          : context.json({ status: 'not ready', waiting }, 503);
      });
      app.get('/metrics', async (context) =>
        context.body(await health.text(), 200, { 'content-type': health.contentType }),
      );
      app.notFound((context) => context.text('There is /healthz, /readyz and /metrics.', 404));
      return app;
    },
    { ...options, patient: false },
  );
}
