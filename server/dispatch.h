/* From what evhttp has read to an answer: makes a struct request of it, and gives it to the router,
 * unless the guard, or access, has refused it. */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "listener.h"

extern const struct listener_handlers dispatch_handlers;

#endif
