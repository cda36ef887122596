#include "sim/scenario/features.h"

#include <string.h>

#define START    "usage, OTA Start"
#define DOWNLOAD "usage, Image download process"
#define MANIFEST "usage, OTA server JSON manifest"
#define PROGRAM  "usage, Image Programming"
#define SERVICE  "DESIGN 3, OTA service"
#define STORE    "DESIGN 3, Image store"
#define FORMAT   "DESIGN 3, Image file"
#define BOOT     "DESIGN 3, Bootloader"

static const struct feature features[] = {
    /* When and what */
    {"periodic-check", "The manifest is asked for at the start and then at each interval.",
     START ": periodically", "ota.check"},
    {"check-interval", "How long it is between two checks is configurable.", "harmony.md 4.2",
     "ota.nothing-new"},
    {"manual-check", "The application can ask for a check at any time.", START ": manually",
     "ota.request"},
    {"trigger-from-elsewhere",
     "A console or a message from elsewhere can ask for the same as the application.",
     START ": other sources", "ota.request"},
    {"auto-update", "With auto update a newer image is downloaded at once.",
     "usage, Initiating image Download", "ota.download"},
    {"download-on-request", "Without it, a newer image waits for the application's word.",
     "intro, OTA download during application execution", "ota.offer"},
    {"auto-reset", "With auto reset the device restarts as soon as an image is complete.",
     "usage, Storing image", "ota.reset"},
    {"reset-on-request", "Without it, a complete image waits for the application to reset.",
     "intro, Opt when to switch to new image", "ota.ready"},
    {"run-time-configuration", "The configuration can be changed while the service runs.",
     "harmony.md 4.1", NULL},
    {"higher-version", "A version above the running one is taken.", "usage, check for version",
     "ota.available"},
    {"same-version", "The version that runs already is not taken.", "usage, check for version",
     "ota.nothing-new"},
    {"lower-version", "A version below the running one is not taken.", "usage, check for version",
     "ota.nothing-new"},
    {"several-images", "The manifest may list several images, and the highest that fits is taken.",
     MANIFEST, "ota.available"},
    {"any-order", "It does not matter where in the manifest the highest version stands.",
     "DESIGN 3, Manifest", "ota.available"},
    {"erase-version", "EraseVer in the manifest removes a version from the store.",
     MANIFEST ": EraseVer", "ota.erased"},
    {"erase-request", "The application can remove a version from the store.", "harmony.md 4.1",
     "ota.erased"},
    {"bad-manifest", "A manifest that breaks a rule is refused as a whole.", "DESIGN 3, Manifest",
     "ota.check-failed"},
    {"failed-version", "A version that failed is not fetched again while its digest is the same.",
     "DESIGN 3, Manifest", "ota.entry-refused"},

    /* Getting it */
    {"background-download", "The application works while an image is downloaded.",
     "intro, OTA download during application execution", "ota.progress"},
    {"progress", "The service tells how far a download is.", SERVICE, "ota.progress"},
    {"status-query", "What runs, and whether it is confirmed, can be asked at any time.",
     "harmony.md 4.1", NULL},
    {"documented-events",
     "Each step from the check to the entry in the database is told by its event.",
     "harmony.md 4.1", "ota.entered"},
    {"standard-server", "Any standard HTTP server will do.", "usage, OTA server", "ota.entered"},
    {"tls", "With https the server is verified, and one that is not trusted gets nowhere.",
     DOWNLOAD " 2", "ota.check-failed"},
    {"polling-survives", "Checks go on by themselves after any failure.", SERVICE,
     "ota.check-failed"},
    {"back-off", "Failures in a row make the pauses longer, up to a limit.", SERVICE,
     "ota.check-failed"},
    {"retry-after", "A server that says when to come back is obeyed.", SERVICE, "ota.check-failed"},
    {"resume-network", "A download goes on where the network broke it.", SERVICE,
     "ota.download-failed"},
    {"resume-power", "A download goes on where a power cut broke it.", SERVICE, "cut.erase.inside"},
    {"abort", "A check, an offer or a download can be stopped.", SERVICE, "ota.aborted"},
    {"requests-refused", "A request is carried out in the next step, or refused with its reason.",
     SERVICE, "ota.request-refused"},
    {"link-wait", "Without a network the service waits, and goes on by itself.",
     "intro; harmony.md 4.3", "ota.no-link"},
    {"link-absent", "An access point that is not there yet is waited for.", "intro", "ota.no-link"},
    {"link-passphrase", "A wrong passphrase costs the updates, not the device.", "intro",
     "ota.no-link"},
    {"link-address", "A network that gives no address is waited for.", "intro", "ota.no-link"},
    {"link-drops", "A network that goes away in the middle of a download is survived.",
     "harmony.md 4.3", "ota.download-failed"},

    /* Is it good, and where to put it */
    {"digest-check", "A file whose SHA-256 is not the announced one is refused.", DOWNLOAD " 3",
     "ota.refused"},
    {"signature-check", "An image that is not signed by the key of the device is refused.",
     "intro, Opt for Secure OTA", "ota.refused"},
    {"product-check", "An image for another product is refused.", FORMAT, "ota.refused"},
    {"version-check", "An image whose version is not the announced one is refused.", FORMAT,
     "ota.refused"},
    {"security-counter", "An image below the security counter is refused.", FORMAT, "ota.refused"},
    {"size-check", "A file that is larger than an image can be is refused before it is written.",
     "DESIGN 3, Image store; harmony.md 8.2", "ota.refused"},
    {"largest-image", "An image that fills program flash to the last page is installed.",
     "DESIGN 3", "boot.installed"},
    {"database-entry", "A verified image is entered with name, status, version and digest.",
     DOWNLOAD " 3", "ota.entered"},
    {"number-of-images", "How many images are kept is configurable.", "harmony.md 4.2", NULL},
    {"full-store", "In a full store the lowest image makes room, never the running one.", STORE,
     "store.evicted"},
    {"free-space", "Room for the whole file is made before its first byte is written.",
     "harmony.md 4.2", "store.evicted"},
    {"database-rebuilt", "A lost or damaged database is rebuilt from the images.", STORE,
     "store.rebuilt"},
    {"store-formatted", "A lost file system is made anew, and the device goes on.", STORE,
     "store.formatted"},

    /* Starting it */
    {"no-store", "A store that does not mount does not keep a valid image from starting.",
     BOOT " 1", "boot.no-store"},
    {"first-boot", "The first start makes the factory backup.", "usage, factory image; " BOOT,
     "boot.backup"},
    {"nothing-to-do", "A confirmed image with nothing newer starts without a write.", PROGRAM " 1",
     "boot.jump"},
    {"install", "A newly downloaded image is installed at the next start.", PROGRAM " 1",
     "boot.installed"},
    {"verify-first", "An image is verified in the store before the first page is erased.",
     BOOT " 4", "boot.refused"},
    {"install-resumes", "An install that a cut broke goes on at the next start.", BOOT " 5",
     "boot.installed"},
    {"ranking", "The images are tried from the highest version down.", PROGRAM " 2",
     "boot.refused"},
    {"factory-last", "The factory image is the last that is tried.", PROGRAM " 2",
     "boot.installed"},
    {"invalid-disabled", "An image that does not verify is disabled and the next one tried.",
     PROGRAM " 3", "boot.refused"},
    {"trial-boots", "An installed image is unbooted (0xFC) until it is confirmed.", PROGRAM " 4",
     "boot.trial"},
    {"confirm", "The application confirms that it is well, and its image is valid (0xF8).", SERVICE,
     "app.confirmed"},
    {"trials-limit", "An image that is not confirmed in its trial boots is given up.", BOOT " 7",
     "boot.disabled"},
    {"trial-restart", "An image that runs and does not confirm is restarted.", SERVICE,
     "app.unconfirmed"},
    {"trial-power-cut", "A trial boot that a power cut ended is not counted.", BOOT " 7",
     "boot.trial"},
    {"watchdog", "An image that hangs is ended by the watchdog that the bootloader armed.",
     BOOT " 6", "boot.disabled"},
    {"flash-repaired", "Damaged program flash is written anew from the store.", BOOT,
     "boot.bad-flash"},
    {"boot-control-rebuilt", "A lost boot control page is rebuilt from what is installed.",
     "DESIGN 3, Boot control area", "boot.record-rebuilt"},
    {"ecc", "All of it holds with flash ECC, where a torn double word reads as an error.",
     "DESIGN 5", "boot.installed"},
    {"rollback", "The application can go back to the image before.", "harmony.md 4.1",
     "ota.rollback"},
    {"factory-reset", "The application can go back to the factory image.", "harmony.md 4.1",
     "ota.factory-reset"},
    {"factory-pin", "A pin held at the start brings the factory image back.", "harmony.md 8.4",
     "boot.factory-reset"},
    {"stays", "With nothing that may run, the bootloader stays and waits for a factory image.",
     BOOT " 8", "boot.stay"},
};

#define FEATURE_COUNT (sizeof features / sizeof features[0])

const struct feature *features_get(uint32_t index)
{
    return index < FEATURE_COUNT ? &features[index] : NULL;
}

static bool is_shown(const struct scenario *scenario, uint32_t feature)
{
    for (uint32_t i = 0; i < scenario->shows_count; i++)
        if (scenario->shows[i] == (int)feature)
            return true;
    return false;
}

/* "[update](../scenarios/update/update.json)" */
static void print_link(const struct scenario *scenario, FILE *to)
{
    size_t length = strcspn(scenario->name, "[");

    fprintf(to, "[%.*s](../scenarios/%s/%.*s.json)", (int)length, scenario->name, scenario->theme,
            (int)length, scenario->name);
}

/* The scenarios that show a feature; returns how many. */
static uint32_t print_scenarios(const struct scenario *scenarios, uint32_t count, uint32_t feature,
                                FILE *to)
{
    uint32_t printed = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (!is_shown(&scenarios[i], feature) ||
            (i && scenario_is_namesake(&scenarios[i - 1], &scenarios[i])))
            continue;
        fputs(printed++ ? ", " : "", to);
        print_link(&scenarios[i], to);
    }
    return printed;
}

uint32_t features_print(const struct scenario *scenarios, uint32_t count, FILE *to)
{
    uint32_t unproved = 0;

    fputs("# Features and the scenarios that show them\n\n"
          "Written by `brownout features scenarios`. *intro* and *usage* are the pages on the "
          "original OTA service that the\n"
          "project set out from, harmony.md the notes on it, DESIGN is [DESIGN.md](DESIGN.md).\n\n"
          "| feature | what | source | shown by |\n|---|---|---|---|\n",
          to);
    for (uint32_t i = 0; i < FEATURE_COUNT; i++) {
        fprintf(to, "| %s | %s | %s | ", features[i].id, features[i].text, features[i].source);
        if (!print_scenarios(scenarios, count, i, to)) {
            fputs("**unproved**", to);
            unproved++;
        }
        fputs(" |\n", to);
    }
    fprintf(to, "\n%zu features, %u unproved.\n", FEATURE_COUNT, unproved);
    return unproved;
}
