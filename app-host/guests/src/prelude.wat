;; What the test guests share: the lowered functions of wasi:http 0.2, and a few steps made of them.
(module
  (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $subscribe_duration (param i64) (result i32)))
  (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.12" "[resource-drop]pollable" (func $drop_pollable (param i32)))
  (import "wasi:io/streams@0.2.12" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop_output (param i32)))
  (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[method]incoming-request.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]incoming-body.stream" (func $stream (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-response.set-status-code" (func $set_status (param i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-response.body" (func $response_body (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $body_write (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-request" (func $outgoing_request (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-scheme" (func $set_scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-authority" (func $set_authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-path-with-query" (func $set_path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]future-incoming-response.subscribe" (func $subscribe (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]future-incoming-response.get" (func $get (param i32 i32)))
  (import "wasi:http/outgoing-handler@0.2.12" "handle" (func $send (param i32 i32 i32 i32)))

  ;; 0..1024: results; 1024..4096: text of the guest; from 4096: what the host hands in.
  (memory (export "memory") 1)

  ;; Everything handed in goes to the same place: a guest lives for one request and keeps nothing of it.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))

  (func $sleep (param $nanoseconds i64)
    (local $pollable i32)
    (local.set $pollable (call $subscribe_duration (local.get $nanoseconds)))
    (call $block (local.get $pollable))
    (call $drop_pollable (local.get $pollable)))

  (func $print (param $text i32) (param $length i32)
    (call $write (call $get_stdout) (local.get $text) (local.get $length) (i32.const 0)))

  ;; Sets the answer and writes the first part of its body; the body is left open.
  (func $begin (param $out i32) (param $status i32) (param $text i32) (param $length i32) (result i32)
    (local $response i32) (local $body i32) (local $stream i32)
    (local.set $response (call $response (call $fields)))
    (drop (call $set_status (local.get $response) (local.get $status)))
    (call $response_body (local.get $response) (i32.const 0))
    (local.set $body (i32.load (i32.const 4)))
    (call $set (local.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $body_write (local.get $body) (i32.const 0))
    (local.set $stream (i32.load (i32.const 4)))
    (call $write (local.get $stream) (local.get $text) (local.get $length) (i32.const 8))
    (call $drop_output (local.get $stream))
    (local.get $body))

  (func $respond (param $out i32) (param $status i32) (param $text i32) (param $length i32)
    (call $finish (call $begin (local.get $out) (local.get $status) (local.get $text) (local.get $length))
      (i32.const 0) (i32.const 0) (i32.const 0)))

  (func $ok (param $out i32)
    (call $respond (local.get $out) (i32.const 200) (i32.const 0) (i32.const 0)))

  ;; 1: read to the end; 0: the stream failed.
  (func $read_all (param $request i32) (result i32)
    (local $stream i32)
    (call $consume (local.get $request) (i32.const 0))
    (call $stream (i32.load (i32.const 4)) (i32.const 0))
    (local.set $stream (i32.load (i32.const 4)))
    (loop $more
      (call $read (local.get $stream) (i64.const 16384) (i32.const 0))
      (br_if $more (i32.eqz (i32.load8_u (i32.const 0)))))
    ;; stream-error: 0 last-operation-failed, 1 closed
    (i32.load8_u (i32.const 4)))

  ;; 200, or 400 and the error code.
  (func $fetch (param $authority i32) (param $length i32) (result i32)
    (local $request i32) (local $future i32) (local $pollable i32)
    (local.set $request (call $outgoing_request (call $fields)))
    (drop (call $set_scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
    (drop (call $set_authority (local.get $request) (i32.const 1) (local.get $authority) (local.get $length)))
    (i32.store8 (i32.const 512) (i32.const 47)) ;; "/"
    (drop (call $set_path (local.get $request) (i32.const 1) (i32.const 512) (i32.const 1)))
    (call $send (local.get $request) (i32.const 0) (i32.const 0) (i32.const 0))
    (if (i32.load8_u (i32.const 0))
      (then (return (i32.add (i32.const 400) (i32.load8_u (i32.const 8))))))
    (local.set $future (i32.load (i32.const 8)))
    (local.set $pollable (call $subscribe (local.get $future)))
    (call $block (local.get $pollable))
    (call $drop_pollable (local.get $pollable))
    ;; option<result<result<incoming-response, error-code>>>
    (call $get (local.get $future) (i32.const 0))
    (if (i32.load8_u (i32.const 16))
      (then (return (i32.add (i32.const 400) (i32.load8_u (i32.const 24))))))
    (i32.const 200))

  (func (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    ;; HANDLER
    )
)
