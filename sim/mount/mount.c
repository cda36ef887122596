#define FUSE_USE_VERSION 31

#include "sim/mount/mount.h"

#include <errno.h>
#include <fuse.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/device/console_log.h"
#include "sim/mount/handles.h"
#include "sim/mount/store_files.h"
#include "sim/mount/times.h"

#define CREATE_EXCLUSIVE 1u /* renameat2()'s RENAME_NOREPLACE */

/* What runs behind a mount point. libfuse calls from one thread. */
struct mount {
    struct insides insides;
    struct handles handles;
    struct times times;
    FILE *console;
    char point[PATH_MAX]; /* from the root */
    bool is_foreground;
    uid_t uid;
    gid_t gid;
};

static struct mount *self(void)
{
    return fuse_get_context()->private_data;
}

static struct handle *handle_of(const struct fuse_file_info *info)
{
    return (struct handle *)(uintptr_t)info->fh;
}

static void on_change(void *context, const char *line)
{
    struct mount *mount = context;
    char text[500];

    snprintf(text, sizeof text, "by hand: %s", line);
    console_log_print(mount->console, text);
    if (mount->is_foreground)
        fprintf(stderr, "%s\n", text);
}

/* --- what is there --------------------------------------------------------------------------- */

static void fill_stat(struct mount *mount, const struct tree_node *node, uint32_t size,
                      struct stat *ret_status)
{
    bool may_write = node->may_poke || node->stored;

    *ret_status = (struct stat){
        .st_mode = node->is_folder ? S_IFDIR | (may_write ? 0755 : 0555)
                                   : S_IFREG | (may_write ? 0644 : 0444),
        .st_nlink = node->is_folder ? 2 : 1,
        .st_uid = mount->uid,
        .st_gid = mount->gid,
        .st_size = size,
        .st_blocks = (size + 511) / 512,
        .st_blksize = 4096,
    };
    ret_status->st_mtim =
        node->stored ? times_get(&mount->times, node->stored) : times_get(&mount->times, "");
    ret_status->st_atim = ret_status->st_ctim = ret_status->st_mtim;
}

static int on_getattr(const char *path, struct stat *status, struct fuse_file_info *info)
{
    struct mount *mount = self();
    struct tree_node node;

    if (!path) { /* it was removed while it is open */
        fill_stat(mount, &handle_of(info)->node, handle_of(info)->size, status);
        return 0;
    }
    int err = tree_find(&mount->insides, path, &node);
    if (err)
        return err;
    const struct handle *writer = node.stored ? handles_writer(&mount->handles, node.stored) : NULL;
    fill_stat(mount, &node, writer ? writer->size : node.size, status);
    return 0;
}

struct listing {
    void *buffer;
    fuse_fill_dir_t fill;
};

static void take_name(void *context, const char *name)
{
    struct listing *listing = context;

    (void)listing->fill(listing->buffer, name, NULL, 0, (enum fuse_fill_dir_flags)0);
}

/* A folder may go while somebody lists it: then libfuse has no path any more. */
static int on_opendir(const char *path, struct fuse_file_info *info)
{
    char *copy = strdup(path);

    info->fh = (uint64_t)(uintptr_t)copy;
    return copy ? 0 : -ENOMEM;
}

static int on_releasedir(const char *path, struct fuse_file_info *info)
{
    (void)path;
    free((char *)(uintptr_t)info->fh);
    return 0;
}

static int on_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                      struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
    struct listing listing = {buffer, fill};

    (void)path;
    (void)offset;
    (void)flags;
    take_name(&listing, ".");
    take_name(&listing, "..");
    return tree_list(&self()->insides, (const char *)(uintptr_t)info->fh, take_name, &listing);
}

static int on_statfs(const char *path, struct statvfs *status)
{
    struct mount *mount = self();
    const struct flash *spi = &mount->insides.spi.flash;
    uint32_t free_size = 0;

    (void)path;
    (void)store_files_free(&mount->insides, &free_size); /* none, where it does not mount */
    *status = (struct statvfs){
        .f_bsize = spi->erase_size,
        .f_frsize = spi->erase_size,
        .f_blocks = spi->size / spi->erase_size,
        .f_bfree = free_size / spi->erase_size,
        .f_bavail = free_size / spi->erase_size,
        .f_namemax = LFS2_NAME_MAX,
    };
    return 0;
}

/* --- open files ------------------------------------------------------------------------------ */

/* The kernel keeps nothing: each one who opens has a content of his own. */
static int opened(int err, struct handle *handle, struct fuse_file_info *info)
{
    if (err)
        return err;
    info->fh = (uint64_t)(uintptr_t)handle;
    info->direct_io = 1;
    return 0;
}

static int on_open(const char *path, struct fuse_file_info *info)
{
    struct handle *handle;
    bool to_write = (info->flags & O_ACCMODE) != O_RDONLY;
    int err = handles_open(&self()->handles, path, to_write, (info->flags & O_TRUNC) != 0, &handle);

    return opened(err, handle, info);
}

static int on_create(const char *path, mode_t mode, struct fuse_file_info *info)
{
    struct mount *mount = self();
    struct handle *handle;

    (void)mode;
    int err = handles_create(&mount->handles, path, (info->flags & O_EXCL) != 0, &handle);
    if (!err)
        times_set(&mount->times, handle->path, NULL);
    return opened(err, handle, info);
}

static int on_read(const char *path, char *data, size_t size, off_t offset,
                   struct fuse_file_info *info)
{
    (void)path;
    return handles_read(handle_of(info), data, (uint32_t)size, (uint64_t)offset);
}

static int on_write(const char *path, const char *data, size_t size, off_t offset,
                    struct fuse_file_info *info)
{
    struct mount *mount = self();
    struct handle *handle = handle_of(info);

    (void)path;
    int done = handles_write(&mount->handles, handle, data, (uint32_t)size, (uint64_t)offset);
    if (done > 0)
        times_set(&mount->times, handle->path, NULL);
    return done;
}

static int on_flush(const char *path, struct fuse_file_info *info)
{
    (void)path;
    return handles_flush(&self()->handles, handle_of(info));
}

static int on_fsync(const char *path, int is_data_only, struct fuse_file_info *info)
{
    (void)is_data_only;
    return on_flush(path, info);
}

static int on_release(const char *path, struct fuse_file_info *info)
{
    (void)path;
    handles_close(&self()->handles, handle_of(info));
    return 0;
}

static int on_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
    struct handles *handles = &self()->handles;
    struct handle *handle;

    if (info)
        return handles_resize(handles, handle_of(info), (uint64_t)size);
    int err = handles_open(handles, path, true, false, &handle);
    if (err)
        return err;
    err = handles_resize(handles, handle, (uint64_t)size);
    if (!err)
        err = handles_flush(handles, handle);
    handles_close(handles, handle);
    return err;
}

/* --- names ----------------------------------------------------------------------------------- */

/* Its path in the device's file system; -EPERM: it is not in there. */
static int stored_path(const char *path, const char **ret_stored)
{
    struct tree_node node;
    int err = tree_find(&self()->insides, path, &node);

    if (!node.stored)
        return err ? err : -EPERM;
    *ret_stored = node.stored;
    return strcmp(node.stored, "/") == 0 ? -EBUSY : 0;
}

/* The same for one that is to be made. */
static int stored_new(const char *path, const char **ret_stored)
{
    int err = stored_path(path, ret_stored);

    return err == -ENOENT ? -EPERM : err;
}

static int on_rename(const char *from, const char *to, unsigned flags)
{
    struct mount *mount = self();
    const char *old = NULL, *new = NULL;
    int err = stored_path(from, &old);

    if (flags & ~CREATE_EXCLUSIVE)
        return -EINVAL;
    if (!err)
        err = stored_new(to, &new);
    if (!err)
        err = store_files_rename(&mount->insides, old, new, (flags & CREATE_EXCLUSIVE) != 0);
    if (!err && strcmp(old, new) != 0) {
        struct timespec when = times_get(&mount->times, old);
        handles_renamed(&mount->handles, old, new);
        times_set(&mount->times, new, &when);
    }
    return err;
}

static int remove_stored(const char *path, bool is_folder)
{
    struct mount *mount = self();
    const char *stored = NULL;
    int err = stored_path(path, &stored);

    if (!err)
        err = store_files_remove(&mount->insides, stored, is_folder);
    if (!err)
        handles_renamed(&mount->handles, stored, NULL);
    return err;
}

static int on_unlink(const char *path)
{
    return remove_stored(path, false);
}

static int on_rmdir(const char *path)
{
    return remove_stored(path, true);
}

static int on_mkdir(const char *path, mode_t mode)
{
    const char *stored = NULL;
    int err = stored_new(path, &stored);

    (void)mode;
    return err ? err : store_files_make_folder(&self()->insides, stored);
}

/* There is nothing that a link could be. */
static int on_link(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return -EPERM;
}

/* littlefs has no times, modes and owners: a time is remembered while the mount lasts, and cp -p
 * and editors may ask for the others in vain. */
static int on_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *info)
{
    const char *stored = NULL;
    bool is_now = !times || times[1].tv_nsec == UTIME_NOW;
    int err = path ? stored_path(path, &stored) : -ENOENT;

    (void)info;
    if (!err && !(times && times[1].tv_nsec == UTIME_OMIT))
        times_set(&self()->times, stored, is_now ? NULL : &times[1]);
    return err;
}

static int on_chmod(const char *path, mode_t mode, struct fuse_file_info *info)
{
    const char *stored = NULL;

    (void)mode;
    (void)info;
    return path ? stored_path(path, &stored) : 0;
}

static int on_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *info)
{
    (void)uid;
    (void)gid;
    return on_chmod(path, 0, info);
}

static void *on_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
    (void)connection;
    config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
    config->hard_remove = 1;
    config->nullpath_ok = 1;
    return self();
}

static const struct fuse_operations operations = {
    .init = on_init,
    .getattr = on_getattr,
    .opendir = on_opendir,
    .readdir = on_readdir,
    .releasedir = on_releasedir,
    .statfs = on_statfs,
    .open = on_open,
    .create = on_create,
    .read = on_read,
    .write = on_write,
    .flush = on_flush,
    .fsync = on_fsync,
    .release = on_release,
    .truncate = on_truncate,
    .rename = on_rename,
    .unlink = on_unlink,
    .rmdir = on_rmdir,
    .mkdir = on_mkdir,
    .link = on_link,
    .symlink = on_link,
    .utimens = on_utimens,
    .chmod = on_chmod,
    .chown = on_chown,
};

/* --- to mount and to unmount ----------------------------------------------------------------- */

static bool fail(char *ret_error, const char *point, const char *reason)
{
    snprintf(ret_error, FOLDER_ERROR_SIZE, "%s: %s", point, reason);
    return false;
}

/* ret_point: from the root, as libfuse goes there while it serves. */
static bool check_point(const char *point, char ret_point[PATH_MAX], char *ret_error)
{
    struct stat status;

    if (access("/dev/fuse", F_OK) < 0)
        return fail(ret_error, "/dev/fuse", "not there: this system cannot mount by FUSE");
    if (stat(point, &status) < 0)
        return fail(ret_error, point,
                    errno == ENOTCONN
                        ? "what was mounted here was killed: 'fusermount3 -u' it first"
                        : strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return fail(ret_error, point, "not a folder");
    return realpath(point, ret_point) || fail(ret_error, point, strerror(errno));
}

static int serve(struct mount *mount, struct fuse *fuse, const struct mount_options *options)
{
    char what[PATH_MAX + 32];

    if (fuse_daemonize(options->is_foreground) != 0)
        return -errno;
    snprintf(what, sizeof what, "mounted at %s", mount->point);
    folder_tell_holder(&mount->insides.folder, mount->insides.path, what);
    signal(SIGINT, SIG_DFL); /* ignored where a script starts it with '&' */
    signal(SIGTERM, SIG_DFL);
    fuse_set_signal_handlers(fuse_get_session(fuse));
    int err = fuse_loop(fuse);
    fuse_remove_signal_handlers(fuse_get_session(fuse));
    return err;
}

static bool run(struct mount *mount, struct fuse_args *args, const struct mount_options *options,
                char *ret_error)
{
    struct fuse *fuse = fuse_new(args, &operations, sizeof operations, mount);

    if (!fuse)
        return fail(ret_error, options->point, "libfuse does not take these options");
    if (fuse_mount(fuse, mount->point) != 0) {
        fuse_destroy(fuse);
        return fail(ret_error, options->point, "cannot be mounted on");
    }
    int err = serve(mount, fuse, options);
    fuse_unmount(fuse);
    fuse_destroy(fuse);
    return err >= 0 || fail(ret_error, options->point, strerror(-err));
}

static void add_options(struct fuse_args *args, const char *device, const char *more)
{
    char source[PATH_MAX + sizeof "fsname="], *list = NULL;

    snprintf(source, sizeof source, "fsname=%s", device);
    fuse_opt_add_opt(&list, "default_permissions,subtype=brownout");
    fuse_opt_add_opt_escaped(&list, source);
    if (more)
        fuse_opt_add_opt(&list, more);
    fuse_opt_add_arg(args, "brownout");
    fuse_opt_add_arg(args, "-o");
    fuse_opt_add_arg(args, list);
    free(list);
}

bool mount_run(const struct mount_options *options, char ret_error[FOLDER_ERROR_SIZE])
{
    struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
    struct mount *mount = calloc(1, sizeof *mount);
    bool is_fine = mount && check_point(options->point, mount->point, ret_error) &&
                   insides_open(&mount->insides, options->device, ret_error);

    if (!is_fine) {
        free(mount);
        return false;
    }
    mount->is_foreground = options->is_foreground;
    mount->uid = getuid();
    mount->gid = getgid();
    mount->handles.insides = &mount->insides;
    times_init(&mount->times, &mount->insides.opened);
    mount->console = console_log_open(mount->insides.path);
    mount->insides.changed = on_change;
    mount->insides.context = mount;
    add_options(&args, mount->insides.path, options->options);
    is_fine = run(mount, &args, options, ret_error);
    fuse_opt_free_args(&args);
    console_log_close(mount->console);
    times_free(&mount->times);
    insides_close(&mount->insides);
    free(mount);
    return is_fine;
}
