/**
 * Loads RabbitMQ's code, application by application. By default a node loads all its modules one at a time before the first boot
 * step, and Erlang copies its table of functions for each: that takes half of a boot (3.10.8 on Erlang 25, measured). If this
 * fails, the node loads its code as usual.
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
 * Makes a node's streams survive a SIGKILL, once for its data. RabbitMQ starts the stream coordinator with the first stream, and
 * writes its name to disk only some time later. A node that is killed in between forgets the coordinator, and with it every
 * stream and everything confirmed in it, forever (tried with 3.10.8; not fixed upstream). Any call starts the coordinator; this
 * one waits for an answer that never comes, hence the separate process.
 */
const SECURE_STREAMS = `
spawn(fun() -> rabbit_stream_coordinator:delete_replica("none", node()) end),
true = Until(fun() -> case catch ra:members({rabbit_stream_coordinator, node()}, 500) of {ok, _, _} -> true; _ -> false end end),
ok = dets:sync(ra_coordination_directory_reverse)`;

/** The number of attempts, for 15 s in total. */
const UNTIL = `
Until = fun(Condition) ->
          (fun Wait(0) -> false;
               Wait(N) -> Condition() orelse begin timer:sleep(50), Wait(N - 1) end
           end)(300)
        end`;

/**
 * For `rabbitmqctl eval`: the coordinator of a cluster must be started after all its nodes are up; otherwise it has only one
 * member.
 */
export const SECURE_STREAMS_OF_CLUSTER = `${UNTIL}, ${SECURE_STREAMS}.`;

/**
 * Waits up to 15 s until every queue and stream answers: streams come back up to 1.3 s after the node accepts logins (tried with
 * 3.10.8). A lost stream never does: whoever uses it is told what to do. A queue counts as down as long as RabbitMQ knows it only
 * from its disk.
 */
const AWAIT_QUEUES = `
Until(fun() -> lists:all(fun(VHost) -> rabbit_amqqueue:list_down(VHost) =:= [] end, rabbit_vhost:list_names()) end)`;

/** Runs in the node itself: rabbitmqctl takes a second to boot its own Erlang machine. */
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
  /** Exists once the node's streams are safe. */
  readonly streamsSecured: string;
  /** Receives `up` when the queues are up, or `unknown` if this RabbitMQ cannot report it. */
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

/** Erlang reads its flags from one line and takes quoted text as one flag, so the code must not contain a single quote. */
function evaluating(erlang: string): string {
  return `-eval '${erlang.replace(/\s+/g, ' ').trim()}'`;
}
