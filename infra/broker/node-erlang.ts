/**
 * Loads the code of RabbitMQ, application by application. By itself a node loads all its modules before the first boot step,
 * one at a time, and Erlang copies its table of functions for each: that takes half of a boot (3.10.8 on Erlang 25, measured).
 * If this fails, the node loads its code as usual.
 */
const LOAD_AT_ONCE = `
catch begin
  Load = fun Load(App, Loaded) ->
           File = code:where_is_file(atom_to_list(App) ++ ".app"),
           case File =:= non_existing orelse lists:member(App, Loaded) of
             true -> Loaded;
             false ->
               {ok, [{application, App, About}]} = file:consult(File),
               code:add_patha(filename:dirname(File)),
               code:ensure_modules_loaded(proplists:get_value(modules, About, [])),
               lists:foldl(Load, [App | Loaded], proplists:get_value(applications, About, []))
           end
         end,
  lists:foldl(Load, [], [rabbit, mnesia, rabbitmq_consistent_hash_exchange])
end.`;

/**
 * Makes a node's streams safe from a SIGKILL, once for its data. RabbitMQ starts their coordinator with the first stream,
 * and writes its name to disk only some time later: a node that is killed in between forgets the coordinator, and with it
 * every stream and what was confirmed in it, for ever (3.10.8, tried; not fixed upstream). Any call starts it; this one
 * waits for an answer that never comes, hence the process of its own.
 */
const SECURE_STREAMS = `
spawn(fun() -> rabbit_stream_coordinator:delete_replica("none", node()) end),
true = Until(fun() -> case catch ra:members({rabbit_stream_coordinator, node()}, 500) of {ok, _, _} -> true; _ -> false end end),
ok = dets:sync(ra_coordination_directory_reverse)`;

/** Tries so often, for 15 s in all. */
const UNTIL = `
Until = fun(Condition) ->
          (fun Wait(0) -> false;
               Wait(N) -> Condition() orelse begin timer:sleep(50), Wait(N - 1) end
           end)(300)
        end`;

/** For `rabbitmqctl eval`: the coordinator of a cluster is started once all of its nodes are there, or it has only one member. */
export const SECURE_STREAMS_OF_CLUSTER = `${UNTIL}, ${SECURE_STREAMS}.`;

/**
 * Waits up to 15 s until every queue and stream answers: streams come back up to 1.3 s later than the node lets anybody in
 * (3.10.8, tried). One that was lost never does: whoever uses it is told what helps. A queue counts as down as long as
 * RabbitMQ knows it from its disk only.
 */
const AWAIT_QUEUES = `
Until(fun() -> lists:all(fun(VHost) -> rabbit_amqqueue:list_down(VHost) =:= [] end, rabbit_vhost:list_names()) end)`;

/** Runs in the node itself: rabbitmqctl takes a second to boot an Erlang machine of its own. */
const AFTER_BOOT = `
spawn(fun() ->
  ${UNTIL},
  Secured = os:getenv("STREAMS_SECURED_FILE"),
  Result = try
             case filelib:is_regular(Secured) of
               true -> ${AWAIT_QUEUES};
               false -> ${SECURE_STREAMS}, ok = file:write_file(Secured, "")
             end,
             "up"
           catch _:_ -> "unknown"
           end,
  ok = file:write_file(os:getenv("QUEUES_UP_FILE"), Result)
end).`;

export interface BootFiles {
  /** Exists once the streams of the node's data are safe. */
  readonly streamsSecured: string;
  /** Receives `up` when the queues are up, or `unknown` if this RabbitMQ cannot tell. */
  readonly queuesUp: string;
}

/** What a node runs before and after its boot, as environment variables. */
export function erlangOfBoot({ streamsSecured, queuesUp }: BootFiles): NodeJS.ProcessEnv {
  return {
    ERL_AFLAGS: evaluating(LOAD_AT_ONCE),
    ERL_ZFLAGS: evaluating(AFTER_BOOT),
    STREAMS_SECURED_FILE: streamsSecured,
    QUEUES_UP_FILE: queuesUp,
  };
}

/** Erlang reads its flags from one line and takes quoted text for one flag: the code must hold no single quote. */
function evaluating(erlang: string): string {
  return `-eval '${erlang.replace(/\s+/g, ' ').trim()}'`;
}
