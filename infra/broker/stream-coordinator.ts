import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Starts RabbitMQ's stream coordinator, waits for it and writes its name to disk. Any call starts it; this one waits for
 * an answer that never comes, hence the process of its own.
 */
const START_AND_SYNC = `
spawn(fun() -> rabbit_stream_coordinator:delete_replica("none", node()) end),
Wait = fun Wait(0) -> never;
           Wait(N) -> case catch ra:members({rabbit_stream_coordinator, node()}, 500) of
                        {ok, _, _} -> ok;
                        _ -> timer:sleep(50), Wait(N - 1)
                      end
       end,
{ok, ok} = {Wait(200), dets:sync(ra_coordination_directory_reverse)}.`;

/**
 * Makes a node's streams safe from a SIGKILL, once for its data. RabbitMQ starts their coordinator with the first stream,
 * and writes its name to disk only some time later: a node that is killed in between forgets the coordinator, and with it
 * every stream and what was confirmed in it, for ever (3.10.8, tried; not fixed upstream).
 *
 * @returns whether it was done now: then the data hold no queue yet
 */
export async function secureStreams(
  dataFolder: string,
  evaluate: (erlang: string) => Promise<unknown>,
): Promise<boolean> {
  const done = join(dataFolder, 'streams-are-safe');
  const already = await access(done).then(
    () => true,
    () => false,
  );
  if (already) return false;
  await evaluate(START_AND_SYNC);
  await writeFile(done, '');
  return true;
}
