/* Keys and pushes written short, for tables of cases.
 *
 *   key   "job=a,instance=x"                              in this order; "" is no label at all
 *   body  "m gauge l=1,x=2; m gauge; h histogram @"       metrics by `;`, of families by name
 *
 * All metrics have the value 1. `@` gives a metric a timestamp, `?text` sets its family's help to
 * text without blanks. A family with a type and `-` for its metric has none. Everything lives in
 * the arena. */
#ifndef NOTATION_H
#define NOTATION_H

#include "store.h"

struct group_key notation_key(const char *text, struct arena *a);
struct family_list notation_body(const char *text, struct arena *a);

#endif
