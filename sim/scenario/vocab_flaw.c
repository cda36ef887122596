#include "sim/scenario/vocab_flaw.h"

const struct vocab_choice vocab_flaw_choices[FLAW_COUNT + 1] = {
    [FLAW_NONE] = {"none", "it is as it was made"},
    [FLAW_FORGED] = {"forged", "it names our key, and another one signed it"},
    [FLAW_KEY_HASH] = {"key-hash", "it names another key, and ours signed it"},
    [FLAW_TWO_HASHES] = {"two-hashes", "another hash stands before the right one"},
    [FLAW_TWO_KEYS] = {"two-keys", "another key is named before the right one"},
    [FLAW_TWO_SIGNATURES] = {"two-signatures", "another signature stands before the right one"},
    [FLAW_EMPTY_SIGNATURE] = {"empty-signature", "one of no bytes stands before the right one"},
    [FLAW_EXTRA_TLV] = {"extra-tlv", "an unsigned TLV of a kind that nothing needs"},
    [FLAW_TLV_MAGIC] = {"tlv-magic", "its unsigned TLVs begin with another number"},
    [FLAW_LONG_SIGNATURE] = {"long-signature", "its signature is longer than any can be"},
    [FLAW_TLV_BEYOND] = {"tlv-beyond", "a signed TLV ends behind the signed ones"},
    [FLAW_TLV_REST] = {"tlv-rest", "two bytes that are no TLV end the signed ones"},
    [FLAW_TLV_SIZE] = {"tlv-size", "its signed TLVs are less than the header says"},
    [FLAW_HEADER_PAGE] = {"header-page", "bytes behind its header, which no device keeps"},
    [FLAW_MAGIC] = {"magic", "it begins with another number"},
    [FLAW_HEADER_SIZE] = {"header-size", "the header says that it is smaller"},
    [FLAW_LOAD_ADDRESS] = {"load-address", "the header says that the code runs elsewhere"},
    [FLAW_FLAGS] = {"flags", "the header says that the code is encrypted"},
    [FLAW_NO_CODE] = {"no-code", "it has no code"},
};
