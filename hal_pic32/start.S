/*
 * The first kilobyte of bootloader and application alike: entry, exception vectors, start-up.
 *
 * It is linked to its uncached address, as the caches hold nothing useful at the start. EBASE is
 * its cached alias. Register use: MIPS32 release 2 privileged architecture.
 */
#define STATUS      $12
#define INTCTL      $12, 1
#define CAUSE       $13
#define EPC         $14
#define EBASE       $15, 1
#define CONFIG      $16
#define CONFIG1     $16, 1
#define TAGLO       $28
#define DTAGLO      $28, 2
#define BADVADDR    $8

#define zero $0
#define a0   $4
#define a1   $5
#define a2   $6
#define t0   $8
#define t1   $9
#define t2   $10
#define t3   $11
#define t4   $12
#define t5   $13
#define s0   $16
#define k0   $26
#define k1   $27
#define gp   $28
#define sp   $29
#define ra   $31
#define v0   $2

#define STATUS_BEV         0x00400000
#define CACHED_WRITE_BACK  3
#define EXCEPTION_BUS_DATA 7
#define INDEX_STORE_TAG_I  0x08
#define INDEX_STORE_TAG_D  0x09
#define KSEG1_TO_KSEG0     0x2000 /* upper half of what is subtracted */

        .set    noreorder
        .set    noat
        .section .entry, "ax"

        .globl  start_entry
        .ent    start_entry
start_entry:
        b       start
        nop

/* Cache error: the caches cannot be trusted, so the report is made from uncached code. */
        .org    0x100
        b       fatal
        nop

/* General exception. */
        .org    0x180
general:
        mfc0    k0, CAUSE
        ext     k0, k0, 2, 5
        beqz    k0, interrupt
        xori    k0, k0, EXCEPTION_BUS_DATA
        bnez    k0, fatal
        nop

/* A bus error inside the guarded copy is its result. */
        mfc0    k0, EPC
        la      k1, guard_begin
        sltu    k1, k0, k1
        bnez    k1, fatal
        nop
        la      k1, guard_end
        sltu    k1, k0, k1
        beqz    k1, fatal
        nop
        la      k0, guard_failed
        mtc0    k0, EPC
        ehb
        eret

/* Only start_wait() lets interrupts in: leave it, with interrupts off. */
interrupt:
        la      k0, wait_over
        mtc0    k0, EPC
        mfc0    k0, STATUS
        ins     k0, zero, 0, 1
        mtc0    k0, STATUS
        ehb
        eret

/* All else is a bug: report, on a fresh stack, and reset. */
fatal:
        mfc0    a0, CAUSE
        mfc0    a1, EPC
        mfc0    a2, BADVADDR
        la      sp, _stack_top
        addiu   sp, sp, -16
        la      k0, trap_report
        jr      k0
        nop

/* Write an empty tag to each line: geometry from Config1 in t0. */
        .macro  empty_cache op, line_at, sets_at, ways_at
        ext     t1, t0, \line_at, 3
        beqz    t1, 2f                  /* there is no such cache */
        li      t2, 2
        sllv    t1, t2, t1              /* bytes in a line */
        ext     t2, t0, \sets_at, 3
        addiu   t2, t2, 1
        andi    t2, t2, 7
        li      t3, 32
        sllv    t2, t3, t2              /* sets in a way */
        ext     t3, t0, \ways_at, 3
        addiu   t3, t3, 1
        mul     t2, t2, t3
        mul     t2, t2, t1
        lui     t3, 0x8000
        addu    t2, t2, t3
1:
        cache   \op, 0(t3)
        addu    t3, t3, t1
        bne     t3, t2, 1b
        nop
2:
        .endm

start:
        move    s0, a0                  /* handed over by the bootloader */
        li      t0, STATUS_BEV
        mtc0    t0, STATUS
        ehb
        mtc0    zero, TAGLO
        mtc0    zero, DTAGLO
        ehb
        mfc0    t0, CONFIG1
        empty_cache INDEX_STORE_TAG_I, 19, 22, 16
        empty_cache INDEX_STORE_TAG_D, 10, 13, 7
        mfc0    t0, CONFIG
        li      t1, CACHED_WRITE_BACK
        ins     t0, t1, 0, 3
        mtc0    t0, CONFIG
        ehb

        la      t0, cached
        lui     t1, KSEG1_TO_KSEG0
        subu    t0, t0, t1
        jr      t0
        nop

cached:
        la      t0, _data_load
        la      t1, _data
        la      t2, _data_end
        b       2f
        nop
1:
        lw      t3, 0(t0)
        sw      t3, 0(t1)
        addiu   t0, t0, 4
        addiu   t1, t1, 4
2:
        bne     t1, t2, 1b
        nop
        la      t1, _bss
        la      t2, _bss_end
        b       2f
        nop
1:
        sw      zero, 0(t1)
        addiu   t1, t1, 4
2:
        bne     t1, t2, 1b
        nop

        la      t0, start_entry
        lui     t1, KSEG1_TO_KSEG0
        subu    t0, t0, t1
        mtc0    t0, EBASE               /* only with BEV set */
        mtc0    zero, INTCTL
        mtc0    zero, CAUSE             /* IV 0: interrupts come to the general vector */
        ehb
        mtc0    zero, STATUS            /* BEV 0, interrupts off, priority 0 */
        ehb

        la      sp, _stack_top
        addiu   sp, sp, -16             /* the calling convention's place for four arguments */
        move    gp, zero
        move    a0, s0
        la      t0, main
        jalr    t0
        move    ra, zero
        b       fatal                   /* main() does not return */
        nop
        .end    start_entry

        .text
        .globl  start_guarded_copy
        .ent    start_guarded_copy
start_guarded_copy:
        or      t0, a0, a1
        or      t0, t0, a2
        andi    t0, t0, 3
        addu    t1, a1, a2              /* the end */
        bnez    t0, 3f
        andi    t2, a2, 15
        b       6f
        subu    t2, t1, t2              /* the end of the blocks of four words */
guard_begin:
5:
        lw      t0, 0(a1)
        lw      t3, 4(a1)
        lw      t4, 8(a1)
        lw      t5, 12(a1)
        addiu   a1, a1, 16
        sw      t0, 0(a0)
        sw      t3, 4(a0)
        sw      t4, 8(a0)
        sw      t5, 12(a0)
        addiu   a0, a0, 16
6:
        bne     a1, t2, 5b
        nop
        b       2f
        nop
1:
        lw      t0, 0(a1)
        addiu   a1, a1, 4
        sw      t0, 0(a0)
        addiu   a0, a0, 4
2:
        bne     a1, t1, 1b
        nop
        jr      ra
        move    v0, zero
4:
        lbu     t0, 0(a1)
        addiu   a1, a1, 1
        sb      t0, 0(a0)
        addiu   a0, a0, 1
3:
        bne     a1, t1, 4b
        nop
        jr      ra
        move    v0, zero
guard_end:
guard_failed:
        jr      ra
        li      v0, 1
        .end    start_guarded_copy

        .globl  start_wait
        .ent    start_wait
start_wait:
        ei
        ehb
        wait
wait_over:
        di
        ehb
        jr      ra
        nop
        .end    start_wait
