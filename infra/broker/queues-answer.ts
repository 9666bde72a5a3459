/** A queue counts as down as long as RabbitMQ knows it from its disk only. */
const UNTIL_NONE_IS_DOWN = `
Down = fun() -> lists:append([rabbit_amqqueue:list_down(VHost) || VHost <- rabbit_vhost:list_names()]) end,
Wait = fun Wait(0) -> down;
           Wait(N) -> case Down() of
                        [] -> up;
                        _ -> timer:sleep(50), Wait(N - 1)
                      end
       end,
Wait(300).`;

/**
 * Waits up to 15 s until every queue and stream of a node answers: streams come back up to 1.3 s later than the node lets
 * anybody in (3.10.8, tried). One that was lost never does: whoever uses it is told what helps.
 */
export async function untilQueuesAnswer(evaluate: (erlang: string) => Promise<unknown>): Promise<void> {
  await evaluate(UNTIL_NONE_IS_DOWN);
}
