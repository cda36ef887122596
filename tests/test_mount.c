#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "sim/mount/mount.h"

/* What works is driven by tests/test_cli_mount.sh through a real mount. */
static void refuses(const char *device, const char *point, const char *reason)
{
    const struct mount_options options = {.device = device, .point = point, .is_foreground = true};
    char error[FOLDER_ERROR_SIZE] = "";

    assert_false(mount_run(&options, error));
    if (access("/dev/fuse", F_OK) == 0)
        assert_string_equal(error, reason);
}

static void what_cannot_be_mounted_is_refused_with_the_reason(void **state)
{
    (void)state;
    refuses("/none", "/tmp", "/none: No such file or directory");
    refuses("/tmp", "/none", "/none: No such file or directory");
    refuses("/tmp", "/dev/null", "/dev/null: not a folder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_mounted_is_refused_with_the_reason),
    };

    return cmocka_run_group_tests_name("mount", tests, NULL, NULL);
}
