/* The name of a type in a TYPE line of the text exposition. */
#ifndef TEXT_TYPE_H
#define TEXT_TYPE_H

#include "family.h"

#include <stdbool.h>

/* In any case, which is Go's strings.ToUpper(): it counts letters outside ASCII whose capitals are
 * in it. "gaugehistogram" may go without its underscore. False: no type has that name. */
bool text_type_find(struct slice text, enum metric_type *out);

#endif
