/* The inside of views that contents.c needs: the versions that are still looked at. */
#ifndef VIEW_H
#define VIEW_H

#include "store.h"

/* Opens a view of contents; store_view_open() for the parts below the store. */
struct contents;
struct store_view *view_open(struct contents *c);

/* Makes a view let go of what it shows: see store_view_is_lost(). */
void view_lose(struct store_view *v);

uint64_t view_version(const struct store_view *v);

#endif
