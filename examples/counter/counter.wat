;; A module without imports and without a main function: a counter that keeps its state between calls, every number
;; type, several results and none, and the three ways to misbehave: run forever, trap, and ask for memory.

(module
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))

  ;; Counts from 1.
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))

  (func (export "reset")
    (global.set $count (i32.const 0)))

  ;; Quotient and remainder, rounded toward zero. Traps when the divisor is zero.
  (func (export "divmod") (param $dividend i32) (param $divisor i32) (result i32 i32)
    (i32.div_s (local.get $dividend) (local.get $divisor))
    (i32.rem_s (local.get $dividend) (local.get $divisor)))

  (func (export "half") (param f32) (result f32)
    (f32.div (local.get 0) (f32.const 2)))

  (func (export "sqrt") (param f64) (result f64)
    (f64.sqrt (local.get 0)))

  (func (export "square") (param i64) (result i64)
    (i64.mul (local.get 0) (local.get 0)))

  ;; Its arguments, the other way round.
  (func (export "reverse") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
    (local.get 3)
    (local.get 2)
    (local.get 1)
    (local.get 0))

  ;; Never returns.
  (func (export "spin")
    (loop $forever
      (br $forever)))

  (func (export "trap")
    (unreachable))

  ;; Asks for that many pages of 64 KiB more. The pages there were, or -1 when refused.
  (func (export "grow") (param $pages i32) (result i32)
    (memory.grow (local.get $pages))))
