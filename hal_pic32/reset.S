/*
 * Boot flash: where the processor starts, and where exceptions go until start.S has put up its own
 * vectors. Nothing here needs RAM.
 */
#define UNLOCK_KEY1 0xAA996655
#define UNLOCK_KEY2 0x556699AA

        .set    noreorder
        .set    noat
        .section .reset, "ax"

        .globl  reset_vector
        .ent    reset_vector
reset_vector:
        la      $26, start_entry
        jr      $26
        move    $4, $0                  /* nothing is handed over */

        .org    0x380
/* Too early for a report: reset. The addresses are those of regs.h. */
        lui     $26, 0xBF80
        sw      $0, 0x0080($26)         /* SYSKEY */
        li      $27, UNLOCK_KEY1
        sw      $27, 0x0080($26)
        li      $27, UNLOCK_KEY2
        sw      $27, 0x0080($26)
        li      $27, 1
        sw      $27, 0x1278($26)        /* RSWRSTSET */
        lw      $27, 0x1270($26)        /* the read resets */
1:
        b       1b
        nop
        .end    reset_vector
