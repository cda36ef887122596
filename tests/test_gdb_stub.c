#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "sim/pic32/gdb_stub.h"
#include "tests/chip_rig.h"

/* A stub in a thread of its own, and the debugger's end of its connection. */
struct session {
    struct chip_rig *rig;
    struct gdb_stub stub;
    pthread_t thread;
    int connection, stub_end;
    enum gdb_stub_end end;
    bool is_over;
};

static void *serve(void *context)
{
    struct session *session = context;

    session->end = gdb_stub_serve_on(&session->stub, &session->rig->chip, session->stub_end);
    return NULL;
}

static int setup(void **state)
{
    struct session *session = calloc(1, sizeof *session);
    int ends[2];

    chip_rig_setup((void **)&session->rig);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    session->connection = ends[0];
    session->stub_end = ends[1];
    /* An endless loop that counts in $2 and calls what is behind it. */
    CHIP_RIG_BOOT(session->rig, ADDU(2, 0, 0), ADDIU(2, 2, 1), BEQ(0, 0, -2), ADDIU(3, 0, 7));
    assert_int_equal(pthread_create(&session->thread, NULL, serve, session), 0);
    *state = session;
    return 0;
}

static enum gdb_stub_end finish(struct session *session)
{
    if (!session->is_over) {
        shutdown(session->connection, SHUT_WR);
        pthread_join(session->thread, NULL);
        close(session->connection);
        session->is_over = true;
    }
    return session->end;
}

static int teardown(void **state)
{
    struct session *session = *state;

    finish(session);
    chip_rig_teardown((void **)&session->rig);
    free(session);
    return 0;
}

static void send_raw(struct session *session, const char *bytes)
{
    assert_int_equal(send(session->connection, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
}

static void send_packet(struct session *session, const char *text)
{
    char packet[6000];
    uint8_t sum = 0;

    for (const char *c = text; *c; c++)
        sum = (uint8_t)(sum + *c);
    snprintf(packet, sizeof packet, "$%s#%02x", text, sum);
    send_raw(session, packet);
}

static char receive_one(struct session *session)
{
    char c;

    assert_int_equal(read(session->connection, &c, 1), 1);
    return c;
}

static void assert_reply(struct session *session, const char *expected)
{
    char text[6000];
    uint32_t size = 0;

    assert_int_equal(receive_one(session), '$');
    while ((text[size] = receive_one(session)) != '#')
        size++;
    text[size] = '\0';
    receive_one(session);
    receive_one(session);
    assert_string_equal(text, expected);
    (void)!send(session->connection, "+", 1, MSG_NOSIGNAL); /* it may have left */
}

static void ask(struct session *session, const char *text, const char *expected)
{
    send_packet(session, text);
    assert_int_equal(receive_one(session), '+');
    assert_reply(session, expected);
}

static void registers_are_read_and_written(void **state)
{
    struct session *session = *state;

    ask(session, "?", "S05");
    ask(session, "p25", "0000c0bf"); /* pc */
    ask(session, "P2=78563412", "OK");
    ask(session, "p2", "78563412");
    ask(session, "p0", "00000000");
    ask(session, "P0=01000000", "E01");
    ask(session, "P24=01000000", "E01"); /* Cause */
    ask(session, "P2=7856", "E01");
    ask(session, "p26", "xxxxxxxx"); /* floating point */
    ask(session, "P21=05000000", "OK");
    ask(session, "p21", "05000000");
    finish(session);
    assert_int_equal(session->rig->chip.state.cpu.lo, 5);
}

static void all_registers_come_in_one_packet(void **state)
{
    struct session *session = *state;
    const struct cpu *cpu = &session->rig->chip.state.cpu;
    char expected[38 * 8 + 1] = "", packet[38 * 8 + 2] = "G";
    uint32_t values[38] = {0};

    memcpy(values, cpu->gpr, 32 * 4);
    values[0] = 0;
    values[32] = cpu->status;
    values[33] = cpu->lo;
    values[34] = cpu->hi;
    values[37] = cpu->pc;
    for (int i = 0; i < 38; i++)
        snprintf(expected + i * 8, 9, "%08x", __builtin_bswap32(values[i]));
    ask(session, "g", expected);
    memcpy(expected + 8 * 4, "01000000", 8);
    strcat(packet, expected);
    ask(session, packet, "OK");
    ask(session, "p4", "01000000");
    ask(session, "G00", "E01");
}

static void memory_is_read_everywhere_and_written_in_ram(void **state)
{
    struct session *session = *state;

    ask(session, "M80001000,4:11223344", "OK");
    ask(session, "ma0001000,4", "11223344");
    ask(session, "mbfc00000,4", "21100000");
    ask(session, "Mbfc00000,1:00", "E01");
    ask(session, "m0,4", "E01");
    ask(session, "mbf800600,4", "E01");
    ask(session, "M80001000,4:1122", "E01");
    ask(session, "m80001000", "E01");
    ask(session, "m80000000,fffff", "E01");
}

static void step_is_one_instruction(void **state)
{
    struct session *session = *state;

    ask(session, "s", "S05");
    ask(session, "p25", "0400c0bf");
    ask(session, "s", "S05");
    ask(session, "s", "S05"); /* the jump with its slot */
    ask(session, "p25", "0400c0bf");
    ask(session, "p3", "07000000");
    ask(session, "sbfc00000", "S05");
    ask(session, "p25", "0400c0bf");
}

static void breakpoint_stops_again_and_again(void **state)
{
    struct session *session = *state;

    ask(session, "Z0,bfc00004,4", "OK");
    ask(session, "c", "S05");
    ask(session, "p2", "00000000");
    ask(session, "c", "S05");
    ask(session, "p2", "01000000");
    ask(session, "z0,bfc00004,4", "OK");
    ask(session, "z0,bfc00004,4", "E01");
    ask(session, "Z0,0,4", "E01");
    ask(session, "Z2,bfc00004,4", ""); /* watchpoints are not there */
}

static void running_chip_is_interrupted(void **state)
{
    struct session *session = *state;

    send_packet(session, "c");
    assert_int_equal(receive_one(session), '+');
    send_raw(session, "\x03");
    assert_reply(session, "S02");
    ask(session, "p3", "07000000");
    finish(session);
    assert_int_equal(session->rig->chip.pause_at, CPU_NEVER);
}

static void reason_of_a_stop_is_told(void **state)
{
    struct session *session = *state;

    ask(session, "P25=00000080", "OK");                 /* RAM */
    ask(session, "M80000000,8:0000028cffffff0b", "OK"); /* lw $2, 0($0) */
    send_packet(session, "c");
    assert_int_equal(receive_one(session), '+');
    assert_reply(session,
                 "O62726f776e6f75743a206c6f6164206f662034206279746573206174203078303030303030"
                 "30303a206e6f7468696e672069732074686572650a");
    assert_reply(session, "S0b");
}

static void damaged_packet_is_asked_for_again(void **state)
{
    struct session *session = *state;

    send_raw(session, "noise$?#00");
    assert_int_equal(receive_one(session), '-');
    ask(session, "?", "S05");
}

static void unknown_packets_get_an_empty_reply(void **state)
{
    struct session *session = *state;

    ask(session, "vMustReplyEmpty", "");
    ask(session, "qXfer:features:read", "");
    ask(session, "qSupported:swbreak+", "PacketSize=1000");
    ask(session, "qAttached", "1");
    ask(session, "Hg0", "OK");
}

static void leaving_is_told_apart(void **state)
{
    struct session *session = *state;

    ask(session, "Z0,bfc00004,4", "OK");
    ask(session, "D", "OK");
    assert_int_equal(finish(session), GDB_STUB_DETACHED);
    assert_int_equal(session->rig->chip.bus.code.breakpoint_count, 0);
}

static void kill_ends_without_a_reply(void **state)
{
    struct session *session = *state;

    send_packet(session, "k");
    assert_int_equal(finish(session), GDB_STUB_KILLED);
}

static void lost_connection_ends_a_running_chip(void **state)
{
    struct session *session = *state;

    send_packet(session, "c");
    assert_int_equal(finish(session), GDB_STUB_LOST);
}

static void it_listens_where_nobody_else_does(void **state)
{
    struct session *session = *state;
    struct gdb_stub first, second;

    uint16_t port = gdb_stub_listen(&first, &session->rig->chip, 0);
    assert_int_not_equal(port, 0);
    assert_int_equal(gdb_stub_listen(&second, &session->rig->chip, port), 0);
    assert_int_equal(errno, EADDRINUSE);
    gdb_stub_close(&first);
}

static void on_monitor(void *context, const char *command, FILE *out)
{
    assert_true(!context == (command[0] != 'l'));
    if (strcmp(command, "long") == 0)
        for (int i = 0; i < 1030; i++)
            fputc('a', out);
    else
        fprintf(out, "<%s>", command);
}

/* "monitor" comes in hex, and its answer goes in hex, in as many packets as it takes. */
static void monitor_is_answered_by_who_knows(void **state)
{
    struct session *session = *state;
    char packet[2 + 2 * 1024 + 1] = "O";

    ask(session, "qRcmd,626f6f74", ""); /* there is nobody */
    session->stub.monitor = on_monitor;
    ask(session, "qRcmd,626f6f74", "O3c626f6f743e");
    assert_reply(session, "OK");
    ask(session, "qRcmd,", "O3c3e");
    assert_reply(session, "OK");
    ask(session, "qRcmd,6x", "E01");
    session->stub.context = (void *)"here";
    for (int i = 0; i < 1024; i++)
        memcpy(packet + 1 + 2 * i, "61", 3);
    ask(session, "qRcmd,6c6f6e67", packet);
    assert_reply(session, "O616161616161");
    assert_reply(session, "OK");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers_are_read_and_written, setup, teardown),
        cmocka_unit_test_setup_teardown(monitor_is_answered_by_who_knows, setup, teardown),
        cmocka_unit_test_setup_teardown(all_registers_come_in_one_packet, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_read_everywhere_and_written_in_ram, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(step_is_one_instruction, setup, teardown),
        cmocka_unit_test_setup_teardown(breakpoint_stops_again_and_again, setup, teardown),
        cmocka_unit_test_setup_teardown(running_chip_is_interrupted, setup, teardown),
        cmocka_unit_test_setup_teardown(reason_of_a_stop_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_packet_is_asked_for_again, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_packets_get_an_empty_reply, setup, teardown),
        cmocka_unit_test_setup_teardown(leaving_is_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(kill_ends_without_a_reply, setup, teardown),
        cmocka_unit_test_setup_teardown(lost_connection_ends_a_running_chip, setup, teardown),
        cmocka_unit_test_setup_teardown(it_listens_where_nobody_else_does, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
