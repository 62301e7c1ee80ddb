;; The kernel of an Extism plug-in: the memory that it shares with its host, an allocator, and where input, output and
;; error are (extism, kernel/src/lib.rs). Its own state is in globals, which a plug-in cannot write; block headers
;; are in the memory, which it can, so no offset or size in them is trusted.
;;
;; A block is a header of 16 bytes and its data, a multiple of 8 bytes: a mark, the size of the data, the bytes in use.
;; The mark is 0x45585431 (in use) or 0x45585430 (free), exclusive or the header's address.
(module
  (memory (import "host" "memory") 1)
  ;; Where the next block goes, and the highest that it ever was.
  (global $position (mut i32) (i32.const 16))
  (global $high (mut i32) (i32.const 16))
  (global $input_offset (mut i64) (i64.const 0))
  (global $input_length (mut i64) (i64.const 0))
  (global $output_offset (mut i64) (i64.const 0))
  (global $output_length (mut i64) (i64.const 0))
  (global $error (mut i64) (i64.const 0))

  (func $bytes (result i64)
    (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))

  ;; Whether the `length` bytes at `offset` are in the memory; offset 0 stands for nothing.
  (func $in_bounds (param $offset i64) (param $length i64) (result i32)
    (i32.and
      (i32.and
        (i64.ge_u (local.get $offset) (i64.const 16))
        (i64.le_u (local.get $length) (call $bytes)))
      (i64.le_u (local.get $offset) (i64.sub (call $bytes) (local.get $length)))))

  ;; The header of the block in use whose data is at `offset`; 0 if there is none.
  (func $block (param $offset i64) (result i32)
    (local $header i32)
    (if (i64.lt_u (local.get $offset) (i64.const 32)) (then (return (i32.const 0))))
    (if (i64.gt_u (local.get $offset) (i64.extend_i32_u (global.get $position))) (then (return (i32.const 0))))
    (local.set $header (i32.sub (i32.wrap_i64 (local.get $offset)) (i32.const 16)))
    (select
      (local.get $header)
      (i32.const 0)
      (i32.eq
        (i32.load (local.get $header))
        (i32.xor (local.get $header) (i32.const 0x45585431)))))

  (func $is_free (param $header i32) (result i32)
    (i32.eq
      (i32.load (local.get $header))
      (i32.xor (local.get $header) (i32.const 0x45585430))))

  ;; Where the block after `header` begins; a size that leads beyond the last block leads to its end.
  (func $next (param $header i32) (result i32)
    (local $next i64)
    (local.set $next
      (i64.add
        (i64.extend_i32_u (local.get $header))
        (i64.add (i64.extend_i32_u (i32.load offset=4 (local.get $header))) (i64.const 16))))
    (if (i64.gt_u (local.get $next) (i64.extend_i32_u (global.get $position)))
      (then (return (global.get $position))))
    (i32.wrap_i64 (local.get $next)))

  (func $mark (param $header i32) (param $mark i32) (param $size i32) (param $used i32)
    (i32.store (local.get $header) (i32.xor (local.get $header) (local.get $mark)))
    (i32.store offset=4 (local.get $header) (local.get $size))
    (i32.store offset=8 (local.get $header) (local.get $used)))

  ;; The header of a free block of at least `size` bytes, cut to that if much would be left; 0 if there is none.
  ;; Free blocks that follow each other become one.
  (func $find (param $size i32) (result i32)
    (local $header i32)
    (local $next i32)
    (local $found i32)
    (local.set $header (i32.const 16))
    (block $none
      (loop $blocks
        (br_if $none (i32.ge_u (local.get $header) (global.get $position)))
        (local.set $next (call $next (local.get $header)))
        (if (call $is_free (local.get $header))
          (then
            (block $merged
              (loop $merge
                (br_if $merged (i32.ge_u (local.get $next) (global.get $position)))
                (br_if $merged (i32.eqz (call $is_free (local.get $next))))
                (local.set $next (call $next (local.get $next)))
                (br $merge)))
            (local.set $found (i32.sub (i32.sub (local.get $next) (local.get $header)) (i32.const 16)))
            (call $mark (local.get $header) (i32.const 0x45585430) (local.get $found) (i32.const 0))
            (if (i32.and
                  (i32.ge_u (local.get $found) (local.get $size))
                  ;; A header of a hostile plug-in may be cut off by the end.
                  (i32.ge_u (i32.sub (local.get $next) (local.get $header)) (i32.const 16)))
              (then
                (if (i32.ge_u (i32.sub (local.get $found) (local.get $size)) (i32.const 128))
                  (then
                    (call $mark
                      (i32.add (i32.add (local.get $header) (i32.const 16)) (local.get $size))
                      (i32.const 0x45585430)
                      (i32.sub (i32.sub (local.get $found) (local.get $size)) (i32.const 16))
                      (i32.const 0))
                    (i32.store offset=4 (local.get $header) (local.get $size))))
                (return (local.get $header))))))
        (local.set $header (local.get $next))
        (br $blocks)))
    (i32.const 0))

  ;; The offset of `length` new bytes; 0 if there is no room.
  (func $alloc (export "alloc") (param $length i64) (result i64)
    (local $size i32)
    (local $end i64)
    (local $header i32)
    (if (i64.eqz (local.get $length)) (then (return (i64.const 0))))
    (if (i64.gt_u (local.get $length) (i64.const 0xffff0000)) (then (return (i64.const 0))))
    (local.set $size
      (i32.and (i32.add (i32.wrap_i64 (local.get $length)) (i32.const 7)) (i32.const -8)))
    (local.set $end
      (i64.add
        (i64.extend_i32_u (global.get $position))
        (i64.add (i64.extend_i32_u (local.get $size)) (i64.const 16))))
    (if (i64.gt_u (local.get $end) (call $bytes))
      (then
        (local.set $header (call $find (local.get $size)))
        (if (local.get $header)
          (then
            (call $mark
              (local.get $header)
              (i32.const 0x45585431)
              (i32.load offset=4 (local.get $header))
              (i32.wrap_i64 (local.get $length)))
            (return (i64.extend_i32_u (i32.add (local.get $header) (i32.const 16))))))
        (if (i64.gt_u (local.get $end) (i64.const 0xffff0000)) (then (return (i64.const 0))))
        (if (i32.eq
              (memory.grow
                (i32.wrap_i64
                  (i64.shr_u
                    (i64.add (i64.sub (local.get $end) (call $bytes)) (i64.const 0xffff))
                    (i64.const 16))))
              (i32.const -1))
          (then (return (i64.const 0))))))
    (local.set $header (global.get $position))
    (global.set $position (i32.wrap_i64 (local.get $end)))
    (if (i32.gt_u (global.get $position) (global.get $high))
      (then (global.set $high (global.get $position))))
    (call $mark
      (local.get $header)
      (i32.const 0x45585431)
      (local.get $size)
      (i32.wrap_i64 (local.get $length)))
    (i64.extend_i32_u (i32.add (local.get $header) (i32.const 16))))

  (func (export "free") (param $offset i64)
    (local $header i32)
    (local.set $header (call $block (local.get $offset)))
    (if (i32.eqz (local.get $header)) (then (return)))
    (i32.store (local.get $header) (i32.xor (local.get $header) (i32.const 0x45585430)))
    (if (i64.eq (local.get $offset) (global.get $input_offset))
      (then (global.set $input_length (i64.const 0))))
    (if (i32.eq (call $next (local.get $header)) (global.get $position))
      (then (global.set $position (local.get $header)))))

  ;; The length of the block at `offset`; 0 if there is none. Both are the same here: headers have marks.
  (func $length (export "length") (export "length_unsafe") (param $offset i64) (result i64)
    (local $header i32)
    (local.set $header (call $block (local.get $offset)))
    (if (i32.eqz (local.get $header)) (then (return (i64.const 0))))
    (i64.extend_i32_u (i32.load offset=8 (local.get $header))))

  ;; Outside of the memory everything is 0, and nothing is written. These are called for every byte, so each checks
  ;; with one comparison that 16 <= offset <= end - size, where offset - 16 wraps below 16.
  (func (export "load_u8") (param $offset i64) (result i32)
    (if (i64.ge_u
          (i64.sub (local.get $offset) (i64.const 16))
          (i64.sub (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)) (i64.const 16)))
      (then (return (i32.const 0))))
    (i32.load8_u (i32.wrap_i64 (local.get $offset))))
  (func (export "load_u64") (param $offset i64) (result i64)
    (if (i64.ge_u
          (i64.sub (local.get $offset) (i64.const 16))
          (i64.sub (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)) (i64.const 23)))
      (then (return (i64.const 0))))
    (i64.load (i32.wrap_i64 (local.get $offset))))
  (func (export "store_u8") (param $offset i64) (param $byte i32)
    (if (i64.ge_u
          (i64.sub (local.get $offset) (i64.const 16))
          (i64.sub (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)) (i64.const 16)))
      (then (return)))
    (i32.store8 (i32.wrap_i64 (local.get $offset)) (local.get $byte)))
  (func (export "store_u64") (param $offset i64) (param $value i64)
    (if (i64.ge_u
          (i64.sub (local.get $offset) (i64.const 16))
          (i64.sub (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)) (i64.const 23)))
      (then (return)))
    (i64.store (i32.wrap_i64 (local.get $offset)) (local.get $value)))

  (func (export "input_load_u8") (param $index i64) (result i32)
    (if (i64.ge_u (local.get $index) (global.get $input_length)) (then (return (i32.const 0))))
    (i32.load8_u (i32.wrap_i64 (i64.add (global.get $input_offset) (local.get $index)))))
  (func (export "input_load_u64") (param $index i64) (result i64)
    (if (i64.lt_u (global.get $input_length) (i64.const 8)) (then (return (i64.const 0))))
    (if (i64.gt_u (local.get $index) (i64.sub (global.get $input_length) (i64.const 8)))
      (then (return (i64.const 0))))
    (i64.load (i32.wrap_i64 (i64.add (global.get $input_offset) (local.get $index)))))

  (func (export "input_set") (param $offset i64) (param $length i64)
    (if (call $in_bounds (local.get $offset) (local.get $length))
      (then
        (global.set $input_offset (local.get $offset))
        (global.set $input_length (local.get $length)))))
  (func (export "output_set") (param $offset i64) (param $length i64)
    (if (call $in_bounds (local.get $offset) (local.get $length))
      (then
        (global.set $output_offset (local.get $offset))
        (global.set $output_length (local.get $length)))))
  (func (export "input_offset") (result i64) (global.get $input_offset))
  (func (export "input_length") (result i64) (global.get $input_length))
  (func (export "output_offset") (result i64) (global.get $output_offset))
  (func (export "output_length") (result i64) (global.get $output_length))

  ;; The error is a block; 0 for none.
  (func (export "error_set") (param $offset i64)
    (if (i32.or (i64.eqz (local.get $offset)) (call $in_bounds (local.get $offset) (i64.const 1)))
      (then (global.set $error (local.get $offset)))))
  (func (export "error_get") (result i64) (global.get $error))

  (func (export "memory_bytes") (result i64) (call $bytes))

  ;; Forgets every block, and what was in it.
  (func (export "reset")
    (memory.fill (i32.const 16) (i32.const 0) (i32.sub (global.get $high) (i32.const 16)))
    (global.set $position (i32.const 16))
    (global.set $high (i32.const 16))
    (global.set $input_offset (i64.const 0))
    (global.set $input_length (i64.const 0))
    (global.set $output_offset (i64.const 0))
    (global.set $output_length (i64.const 0))
    (global.set $error (i64.const 0))))
