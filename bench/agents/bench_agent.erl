%% An agent in Erlang; see ../agent.ts. Requests and answers are lists in both languages.
-module(bench_agent).
-export([serve/0]).

serve() ->
    case io:get_line("") of
        eof ->
            halt(0);
        {error, _} ->
            halt(0);
        Line ->
            {ok, Tokens, _} = erl_scan:string(Line ++ "."),
            {ok, [Action | Given]} = erl_parse:parse_term(Tokens),
            io:format("~w~n", [do(Action, Given)]),
            serve()
    end.

do("ready", []) ->
    [];
do("connect", [Name]) ->
    pong = net_adm:ping(list_to_atom(Name)),
    [];
%% Microseconds of each call, one after the other.
do("sequence", [Name, Count]) ->
    Node = list_to_atom(Name),
    [timed(fun() -> erpc:call(Node, erlang, '+', [I, 7]) end) || I <- lists:seq(1, Count)];
%% The same with an answer of so many bytes.
do("output", [Name, Count, Bytes]) ->
    Node = list_to_atom(Name),
    [timed(fun() -> erpc:call(Node, binary, copy, [<<0>>, Bytes]) end) || _ <- lists:seq(1, Count)];
%% Calls a second of that many processes.
do("concurrent", [Name, Callers, Count]) ->
    Node = list_to_atom(Name),
    Self = self(),
    Start = erlang:monotonic_time(),
    [spawn_link(fun() -> calls(Node, Count), Self ! done end) || _ <- lists:seq(1, Callers)],
    [receive done -> ok end || _ <- lists:seq(1, Callers)],
    Time = erlang:convert_time_unit(erlang:monotonic_time() - Start, native, nanosecond),
    [Callers * Count * 1.0e9 / Time].

calls(_, 0) ->
    ok;
calls(Node, Count) ->
    erpc:call(Node, erlang, '+', [Count, 7]),
    calls(Node, Count - 1).

timed(Call) ->
    Start = erlang:monotonic_time(),
    Call(),
    erlang:convert_time_unit(erlang:monotonic_time() - Start, native, nanosecond) / 1000.
