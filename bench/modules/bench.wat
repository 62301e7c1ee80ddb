;; What the bench calls besides examples/math. Built with
;;
;;     wat2wasm bench/modules/bench.wat -o bench/modules/bench.wasm

(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; One vector of 1 KiB at 1024, of which the first 64 bytes are a line.
  (data (i32.const 0) "\00\04\00\00\00\04\00\00")
  (data (i32.const 1024) "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n")

  ;; Writes 1 KiB to standard output.
  (func (export "kilobyte")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  ;; Writes nothing and ends.
  (func (export "_start"))

  ;; Steps of a linear congruential generator, some 1 ns each, 1000 times $thousands.
  (func (export "compute") (param $thousands i32) (param $seed i32) (result i32)
    (local $left i32)
    (local.set $left (i32.mul (local.get $thousands) (i32.const 1000)))
    (loop $next
      (local.set $seed (i32.add (i32.mul (local.get $seed) (i32.const 1664525)) (i32.const 1013904223)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $seed)))
