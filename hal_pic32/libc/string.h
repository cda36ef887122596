#ifndef HAL_PIC32_LIBC_STRING_H
#define HAL_PIC32_LIBC_STRING_H

#include <stddef.h>

/* What core/, littlefs, jsmn, BearSSL and the compiler need of the C library; meaning as in C11,
 * strnlen() as in POSIX. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *at, int value, size_t size);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
char *strcpy(char *restrict to, const char *restrict from);
char *strchr(const char *text, int wanted);
char *strrchr(const char *text, int wanted);
size_t strspn(const char *text, const char *accepted);
size_t strcspn(const char *text, const char *refused);
char *strpbrk(const char *text, const char *accepted);

#endif
