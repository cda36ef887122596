#include "hal_pic32/trap.h"

#include "hal_pic32/system_pic32.h"
#include "hal_pic32/uart.h"

#define EXCEPTION_CODE(cause) ((cause) >> 2 & 31)

void trap_report(uint32_t cause, uint32_t address, uint32_t bad_address)
{
    uart_text("\r\ntrap: exception ");
    uart_number(EXCEPTION_CODE(cause));
    uart_text(" at ");
    uart_hex(address);
    uart_text(", bad address ");
    uart_hex(bad_address);
    uart_text("\r\n");
    system_pic32_reset();
}

void trap_assert(const char *file, int line)
{
    uart_text("\r\ntrap: ");
    uart_text(file);
    uart_text(":");
    uart_number((uint32_t)line);
    uart_text(": an assertion failed\r\n");
    system_pic32_reset();
}
