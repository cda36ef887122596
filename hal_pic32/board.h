#ifndef HAL_PIC32_BOARD_H
#define HAL_PIC32_BOARD_H

/*
 * What depends on the board and not on the chip. BOARD_CPU_HZ and BOARD_BAUD are options of the
 * build (cpu_hz, baud): this firmware takes the processor's clock as it finds it, and the two say
 * what that is (docs/PIC32.md, "Clock").
 */
#define BOARD_COUNT_HZ   (BOARD_CPU_HZ / 2) /* CP0 Count advances every other clock */
#define BOARD_BUS_HZ     (BOARD_CPU_HZ / 2) /* of the peripherals */
#define BOARD_SPI_MAX_HZ 25000000u

#endif
