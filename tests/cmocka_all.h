/* cmocka with the headers it wants before it. */
#ifndef MW_CMOCKA_ALL_H
#define MW_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
