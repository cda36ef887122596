#ifndef HAL_PIC32_REGS_H
#define HAL_PIC32_REGS_H

/*
 * Registers of PIC32MZ1025W104132 that this firmware uses, by their KSEG1 (uncached) address, and
 * the bits it uses. Source: pic32.md 1, which took them from the register description of the device
 * family pack (PIC32MZ-W_DFP 1.8.326), and where noted from harmony.md 7. No vendor header is
 * needed, and both compilers see the same addresses.
 */

/* System key: two words unlock RSWRST, any other write locks again. */
#define SYSKEY      0xBF800080u
#define UNLOCK_KEY1 0xAA996655u /* of SYSKEY and NVMKEY alike */
#define UNLOCK_KEY2 0x556699AAu

/* Program flash controller. The write protection takes offsets from the start of program flash. */
#define NVMCON      0xBF800600u
#define NVMCON_OP   0x000Fu
#define NVMCON_LVD  0x1000u /* the supply was too low */
#define NVMCON_ERR  0x2000u
#define NVMCON_WREN 0x4000u
#define NVMCON_WR   0x8000u
#define NVMKEY      0xBF800620u
#define NVMADDR     0xBF800630u
#define NVMDATA0    0xBF800640u
#define NVMDATA1    0xBF800650u
#define NVMSRCADDR  0xBF8006C0u
#define NVMPWPLT    0xBF8006D0u /* program flash below this is protected */
#define NVMPWPGTE   0xBF8006E0u /* program flash from this on is protected */
#define NVMLBWP     0xBF8006F0u /* boot flash, lower and upper: all protected after a reset */
#define NVMUBWP     0xBF800700u
#define NVMWP_OPEN  0x80000000u /* 1: the register can be written; 0 until the next reset */

enum regs_nvm_op { NVM_NOP = 0, NVM_DOUBLE_WORD = 1, NVM_ROW = 3, NVM_PAGE_ERASE = 4 };

/* Watchdog. A store of 16 bits to the upper half kicks it. */
#define WDTCON    0xBF800800u
#define WDTCON_ON 0x8000u
#define WDTCLRKEY 0xBF800802u
#define WDT_KICK  0x5743u

/* Reset controller. */
#define RCON       0xBF801260u
#define RCON_POR   0x01u
#define RCON_BOR   0x02u
#define RCON_WDTO  0x10u
#define RCON_DMTO  0x20u
#define RCON_SWR   0x40u
#define RCON_EXTR  0x80u
#define RSWRST     0xBF801270u
#define RSWRST_NOW 1u

/* Interrupt controller: the core timer (0) and a byte for UART 1 (39) end a WAIT. */
#define IFS0         0xBF810040u
#define IFS1         0xBF810050u
#define IEC0         0xBF8100C0u
#define IEC1         0xBF8100D0u
#define IRQ0_TIMER   0x01u
#define IRQ1_UART_RX 0x80u
#define IPC0         0xBF810140u
#define IPC0_TIMER   0x04u /* priority 1 in bits 4:2 */
#define IPC9         0xBF8101D0u
#define IPC9_UART_RX 0x04000000u /* priority 1 in bits 28:26 */

/* UART 1: the console. */
#define U1MODE      0xBF840600u
#define U1MODE_ON   0x8000u
#define U1MODE_BRGH 0x0008u /* four clocks a bit */
#define U1STA       0xBF840610u
#define U1STA_URXDA 0x0001u /* a byte is there */
#define U1STA_OERR  0x0002u
#define U1STA_TRMT  0x0100u /* all is sent */
#define U1STA_UTXBF 0x0200u /* no room for another byte */
#define U1STA_UTXEN 0x0400u
#define U1STA_URXEN 0x1000u
#define U1TXREG     0xBF840620u
#define U1RXREG     0xBF840630u
#define U1BRG       0xBF840640u

/* SPI 1: the external flash. */
#define SPI1CON        0xBF840C00u
#define SPI1CON_MSTEN  0x0020u
#define SPI1CON_CKE    0x0100u /* with CKP 0: SPI mode 0 */
#define SPI1CON_MODE32 0x0800u /* words of 32 bits, the highest byte first; 0: bytes */
#define SPI1CON_ON     0x8000u
#define SPI1CON_ENHBUF 0x10000u /* buffers of 128 bits, SPI_BUFFER bytes */
#define SPI_BUFFER     16
#define SPI1STAT       0xBF840C10u
#define SPI1STAT_RBF   0x0001u /* as many bytes came in as the buffer holds */
#define SPI1STAT_RBE   0x0020u /* none */
#define SPI1STAT_TBF   0x0002u
#define SPI1STAT_ROV   0x0040u
#define SPI1BUF        0xBF840C20u
#define SPI1BRG        0xBF840C30u

/* Port A: RA1 selects the external flash (harmony.md 7). */
#define ANSELA      0xBF820000u
#define TRISA       0xBF820010u
#define LATA        0xBF820030u
#define PORTA_FLASH 0x0002u

#endif
